import {
  ArrayMaxSize,
  IsInt,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinDate,
  ValidateNested,
} from 'class-validator';
import { GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';
import { ArgsType, Directive, Field, Float, GraphQLISODateTime, ID, InputType, Int } from 'type-graphql';
import type { EventService as EventServiceName } from '#shared/events/usage-event.js';
import { IsEventMeta } from './event-meta.js';
import { EventService } from './event.type.js';

/** What one delivery may hold; the outbox sends more in several. */
const MAX_EVENTS_PER_DELIVERY = 500;

const MAX_EVENTS_PER_PAGE = 1_000;
const EVENT_ID = /^[0-9a-f]{24}$/;
const EVENT_ID_RULE = { message: '$property must be 24 hex digits in lower case' };

const MAX_NAME_LENGTH = 120;
const MAX_USERNAME_LENGTH = 254;
const MAX_LATENCY_MS = 86_400_000;
/** Before this there was no platform; a clock that says so is wrong. */
const FIRST_TS = new Date('2000-01-01T00:00:00Z');
const NOT_BEFORE_FIRST = { message: 'ts must not be before the year 2000' };

@InputType({ description: 'Tokens that a model read and wrote.' })
class TokenCountInput {
  @Field(() => GraphQLSafeInt, { defaultValue: 0 })
  @Min(0)
  in!: number;

  @Field(() => GraphQLSafeInt, { defaultValue: 0 })
  @Min(0)
  out!: number;
}

@InputType({ description: 'Bytes that a request brought and took.' })
class ByteSizeInput {
  @Field(() => GraphQLSafeInt, { defaultValue: 0 })
  @Min(0)
  inputBytes!: number;

  @Field(() => GraphQLSafeInt, { defaultValue: 0 })
  @Min(0)
  outputBytes!: number;
}

@InputType({ description: 'What a request cost.' })
class CostInput {
  @Field(() => Float, { nullable: true, description: 'US dollars; null when nobody knows.' })
  @Min(0)
  @Max(1_000_000)
  usd?: number | null;
}

/** What both kinds of report have in common. */
@InputType()
abstract class EventMeasuresInput {
  @Field(() => EventService)
  service!: EventServiceName;

  @Field(() => String, { description: 'What was asked for, such as `generate`, `summarize` or `message`.' })
  @Length(1, MAX_NAME_LENGTH)
  action!: string;

  @Field(() => String)
  @MaxLength(MAX_NAME_LENGTH)
  provider!: string;

  @Field(() => String)
  @MaxLength(MAX_NAME_LENGTH)
  model!: string;

  @Field(() => Float)
  @Min(0)
  @Max(MAX_LATENCY_MS)
  latencyMs!: number;

  @Field(() => Int, { description: "HTTP status of the request's outcome, 100 to 599." })
  @IsInt()
  @Min(100)
  @Max(599)
  status!: number;

  @Field(() => TokenCountInput, { defaultValue: { in: 0, out: 0 } })
  @ValidateNested()
  tokens!: TokenCountInput;

  @Field(() => ByteSizeInput, { defaultValue: { inputBytes: 0, outputBytes: 0 } })
  @ValidateNested()
  size!: ByteSizeInput;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'At most 8 KiB as JSON, nested at most 8 deep.' })
  @IsEventMeta()
  meta?: Record<string, unknown> | null;
}

@InputType({ description: 'A request that the signed-in user reports about itself.' })
export class ReportEventInput extends EventMeasuresInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Accepted and not used: each report is a new event with an id of ours.',
  })
  _id?: string | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When the request was made; now by default.' })
  @MinDate(FIRST_TS, NOT_BEFORE_FIRST)
  ts?: Date | null;

  @Field(() => ID, { nullable: true, description: "The reporter's own id." })
  userId?: string | null;

  @Field(() => String, { nullable: true, description: "Accepted and not used: the reporter's email is stored." })
  username?: string | null;

  @Field(() => ID, { nullable: true, description: 'A UUID; the id of this very request by default.' })
  @IsUUID('loose')
  requestId?: string | null;

  @Field(() => CostInput, { nullable: true, description: 'Only services report a cost: `usd` may be 0 or absent.' })
  @ValidateNested()
  cost?: CostInput | null;
}

@Directive('@inaccessible')
@InputType({ description: 'An event as a service delivers it.' })
export class RecordEventInput extends EventMeasuresInput {
  @Field(() => ID, { description: '24 hex digits. A second event of the same id is the same event.' })
  @Matches(EVENT_ID, EVENT_ID_RULE)
  id!: string;

  @Field(() => GraphQLISODateTime)
  @MinDate(FIRST_TS, NOT_BEFORE_FIRST)
  ts!: Date;

  @Field(() => ID)
  @IsUUID('loose')
  userId!: string;

  @Field(() => String)
  @MaxLength(MAX_USERNAME_LENGTH)
  username!: string;

  @Field(() => ID)
  @IsUUID('loose')
  requestId!: string;

  @Field(() => CostInput)
  @ValidateNested()
  cost!: CostInput;
}

@ArgsType()
export class RecordedEventsArgs {
  @Field(() => EventService)
  service!: EventServiceName;

  @Field(() => ID, { nullable: true, description: 'The last id of the page before.' })
  @IsOptional()
  @Matches(EVENT_ID, EVENT_ID_RULE)
  after?: string | null;

  @Field(() => Int, { defaultValue: MAX_EVENTS_PER_PAGE, description: 'How many, 1 to 1000.' })
  @Min(1)
  @Max(MAX_EVENTS_PER_PAGE)
  first!: number;
}

/** Arguments as a class, so that what is wrong with one of many is named with its index. */
@ArgsType()
export class RecordEventsArgs {
  @Field(() => [RecordEventInput])
  @ArrayMaxSize(MAX_EVENTS_PER_DELIVERY)
  @ValidateNested({ each: true })
  events!: RecordEventInput[];
}
