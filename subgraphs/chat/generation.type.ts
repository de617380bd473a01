import { Field, ID, Int, ObjectType } from 'type-graphql';
import { ChatRecord } from './chat.type.js';

@ObjectType({ description: 'A piece of an answer, or, as the last event, the whole turn.' })
export class ChatStreamEvent {
  @Field(() => ID, { description: 'The turn. Join it again by `chatMessage` with this id.' })
  id!: string;

  @Field(() => Int, {
    description:
      'Counts up without a gap. Pass the last one you saw as `after` to go on from there. 0 is the first event of `chat`, which tells the id before there is any text.',
  })
  seq!: number;

  @Field(() => String, { description: 'The next piece of the answer; empty in an event without one.' })
  delta!: string;

  @Field(() => ChatRecord, {
    nullable: true,
    description: 'The turn as it was recorded, in the last event only. Its status tells whether it succeeded.',
  })
  message!: ChatRecord | null;
}
