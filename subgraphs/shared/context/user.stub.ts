import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** The auth subgraph's `User`, as a subgraph sees it that adds fields to it. */
@Directive('@key(fields: "id")')
@ObjectType('User')
export class UserStub {
  @Field(() => ID)
  id!: string;
}
