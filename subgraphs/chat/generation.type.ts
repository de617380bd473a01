import { Field, ID, Int, ObjectType } from 'type-graphql';
import { ChatRecord } from './chat.type.js';

@ObjectType({ description: 'A piece of an answer, or, as the last event, the whole turn.' })
export class ChatStreamEvent {
  @Field(() => ID, { description: 'The turn. Join it again by `chatMessage` with this id.' })
  id!: string;

  @Field(() => Int, {
    description: 'Counts up from 1 without a gap. Pass the last one you saw as `after` to go on from there.',
  })
  seq!: number;

  @Field(() => String, { description: 'The next piece of the answer; empty in the last event.' })
  delta!: string;

  @Field(() => ChatRecord, {
    nullable: true,
    description: 'The turn as it was recorded, in the last event only. Its status tells whether it succeeded.',
  })
  message!: ChatRecord | null;
}
