import { Field, GraphQLISODateTime, InputType } from 'type-graphql';

@InputType({ description: 'A span of time, both ends included. By default the 30 days up to now.' })
export class TimeRangeInput {
  @Field(() => GraphQLISODateTime, { nullable: true, description: '30 days before `to` by default.' })
  from?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Now by default.' })
  to?: Date | null;
}
