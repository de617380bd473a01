import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { PageInfo } from '#shared/history/graph/page-info.type.js';
import { RecordFields } from '#shared/history/graph/record.type.js';
import type { ChatRole as Role } from '#shared/llm/llm.port.js';

export const ChatRole = { system: 'system', user: 'user', assistant: 'assistant' } as const satisfies {
  [Name in Role]: Name;
};

registerEnumType(ChatRole, { name: 'ChatRole', description: 'Who says a message.' });

@ObjectType()
export class ChatMessage {
  @Field(() => ChatRole)
  role!: Role;

  @Field(() => String)
  content!: string;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One turn of a chat, and what came of it. Only its owner and admins see it.' })
export class ChatRecord extends RecordFields {}

@ObjectType({ description: 'Where the files of a turn lie in the bucket.' })
export class ChatKeys {
  @Field(() => String)
  record!: string;

  @Field(() => String)
  input!: string;

  @Field(() => String, { nullable: true, description: 'The answer as JSON; null when the request failed.' })
  output!: string | null;

  @Field(() => String, { nullable: true, description: 'The turn in its session; null when the request failed.' })
  message!: string | null;
}

@ObjectType()
export class ChatRecordEdge {
  @Field(() => ChatRecord)
  node!: ChatRecord;

  @Field(() => String)
  cursor!: string;
}

@ObjectType({ description: 'Turns, newest first.' })
export class ChatRecordConnection {
  @Field(() => [ChatRecordEdge])
  edges!: ChatRecordEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
