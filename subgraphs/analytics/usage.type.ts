import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from 'type-graphql';

export const TimeBucket = { day: 'day', hour: 'hour' } as const;
export type TimeBucket = keyof typeof TimeBucket;

registerEnumType(TimeBucket, { name: 'TimeBucket', description: 'The step of a time series.' });

@ObjectType({ description: 'How many requests a service had.' })
export class ServiceCount {
  @Field(() => String)
  service!: string;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ description: 'How many requests a model had.' })
export class ModelCount {
  @Field(() => String)
  provider!: string;

  @Field(() => String)
  model!: string;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ description: 'Half, and 95 %, of the requests took at most this long; null where there were none.' })
export class LatencyPercentiles {
  @Field(() => Float, { nullable: true })
  p50Ms!: number | null;

  @Field(() => Float, { nullable: true })
  p95Ms!: number | null;
}

@ObjectType({ description: 'What requests took, added up.' })
export class Consumption {
  @Field(() => GraphQLSafeInt)
  tokensIn!: number;

  @Field(() => GraphQLSafeInt)
  tokensOut!: number;

  @Field(() => GraphQLSafeInt)
  inputBytes!: number;

  @Field(() => GraphQLSafeInt)
  outputBytes!: number;

  @Field(() => Float, { description: 'US dollars. Requests of unknown price count as nothing.' })
  usd!: number;
}

@ObjectType({ description: 'The key figures of a span of time.' })
export class UsageOverview {
  @Field(() => Int)
  totalRequests!: number;

  @Field(() => Int)
  distinctServices!: number;

  @Field(() => [ServiceCount], { description: 'The five most used, most used first.' })
  topServices!: ServiceCount[];

  @Field(() => [ModelCount], { description: 'The five most used, most used first.' })
  topModels!: ModelCount[];

  @Field(() => LatencyPercentiles)
  latency!: LatencyPercentiles;

  @Field(() => Float, { description: 'The share of requests with a status of 400 or more, 0 to 1.' })
  errorRate!: number;

  @Field(() => Consumption)
  consumption!: Consumption;
}

@ObjectType({ description: 'The requests of one service in one day or hour that had any.' })
export class UsagePoint {
  @Field(() => GraphQLISODateTime, { description: 'The instant at which the local day or hour begins.' })
  start!: Date;

  @Field(() => String)
  service!: string;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ description: 'How fast and how sound a service answered.' })
export class ServicePerformance {
  @Field(() => String)
  service!: string;

  @Field(() => Int)
  requests!: number;

  @Field(() => Float)
  p50Ms!: number;

  @Field(() => Float)
  p95Ms!: number;

  @Field(() => Float)
  averageMs!: number;

  @Field(() => Float, { description: 'The share of requests with a status of 400 or more, 0 to 1.' })
  errorRate!: number;
}

@ObjectType({ description: 'What one model cost by one service.' })
export class ModelCost {
  @Field(() => String)
  service!: string;

  @Field(() => String)
  provider!: string;

  @Field(() => String)
  model!: string;

  @Field(() => Int)
  requests!: number;

  @Field(() => Float, { description: 'US dollars. Requests of unknown price count as nothing.' })
  usd!: number;

  @Field(() => GraphQLSafeInt)
  tokensIn!: number;

  @Field(() => GraphQLSafeInt)
  tokensOut!: number;
}

/** Its other fields are questions of their own, asked when selected: see the resolver. */
@ObjectType({ description: "One account's use of the platform in a span of time, both ends included." })
export class Usage {
  userId!: string;

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;
}
