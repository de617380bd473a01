import {
  ArrayMaxSize,
  ArrayMinSize,
  IsOptional,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { Field, InputType } from 'type-graphql';
import { IdempotentInput } from '#shared/history/graph/idempotent.input.js';
import type { ChatRole as Role, ChatTurn } from '#shared/llm/llm.port.js';
import { ChatRole } from './chat.type.js';
import { SESSION_ID } from './session-id.js';

const MAX_TITLE_LENGTH = 120;
const MAX_MESSAGES = 50;
const MAX_CONTENT_LENGTH = 32_000;
const MAX_MODEL_LENGTH = 100;

/** The user speaks last, and instructions come first. That there is anything at all is a rule of its own. */
function IsConversation(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (turns: unknown) =>
      Array.isArray(turns) &&
      (turns.length === 0 || (turns as ChatTurn[]).at(-1)?.role === 'user') &&
      (turns as ChatTurn[]).every(({ role }, at) => role !== 'system' || at === 0),
    defaultMessage: () => 'The last message must be from the user; a system message may only come first',
  };
  return ValidateBy({ name: 'conversation', validator }, options);
}

/** The last message is the one to answer. Those before it are history, and an empty one is refused by its own rule. */
function EndsInWords(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (turns: unknown) => Array.isArray(turns) && !/^\s+$/.test((turns as ChatTurn[]).at(-1)?.content ?? ''),
    defaultMessage: () => 'The last message must not be blank',
  };
  return ValidateBy({ name: 'notBlank', validator }, options);
}

@InputType()
export class CreateChatSessionInput {
  @Field(() => String, {
    nullable: true,
    description: 'The first message gives one otherwise; at most 120 characters.',
  })
  @IsOptional()
  @Matches(/\S/, { message: 'title must not be blank' })
  @MaxLength(MAX_TITLE_LENGTH)
  title?: string | null;
}

@InputType()
export class ChatMessageInput {
  @Field(() => ChatRole)
  role!: Role;

  @Field(() => String, { description: '1 to 32000 characters.' })
  @MinLength(1)
  @MaxLength(MAX_CONTENT_LENGTH)
  content!: string;
}

@InputType()
export class SendChatMessageInput extends IdempotentInput {
  @Field(() => String, {
    description: 'From `createChatSession`, or of your own choice: 1 to 64 letters, digits, `_` and `-`.',
  })
  @Matches(SESSION_ID, { message: 'sessionId must be 1 to 64 letters, digits, _ and -' })
  sessionId!: string;

  @Field(() => [ChatMessageInput], {
    description:
      '1 to 50 messages: what is new, or the whole conversation; what the session has already is not added again. Where the platform keeps no texts, a session remembers none: send the whole conversation then.',
  })
  @ArrayMinSize(1, { message: 'messages must not be empty' })
  @ArrayMaxSize(MAX_MESSAGES)
  @EndsInWords()
  @IsConversation()
  @ValidateNested({ each: true })
  messages!: ChatMessageInput[];

  @Field(() => String, { nullable: true, description: "A model of the provider's; its default one if absent." })
  @IsOptional()
  @MinLength(1)
  @MaxLength(MAX_MODEL_LENGTH)
  model?: string | null;
}
