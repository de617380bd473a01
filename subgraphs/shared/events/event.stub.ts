import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** The analytics subgraph's `Event`, as others refer to it. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Event')
export class EventStub {
  @Field(() => ID)
  id!: string;
}
