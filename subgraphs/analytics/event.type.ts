import { GraphQLJSONObject } from 'graphql-scalars';
import { Directive, Field, Float, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ByteSize, Cost, TokenCount } from '#shared/events/measures.type.js';
import type { EventOrigin as EventOriginName, EventService as EventServiceName } from '#shared/events/usage-event.js';

export const EventService = {
  image: 'image',
  summarize: 'summarize',
  chat: 'chat',
  gateway: 'gateway',
} as const satisfies { [Name in EventServiceName]: Name };

registerEnumType(EventService, {
  name: 'EventService',
  description: 'The part of the platform that an event is about.',
});

export const EventOrigin = { service: 'service', user: 'user' } as const satisfies {
  [Name in EventOriginName]: Name;
};

registerEnumType(EventOrigin, {
  name: 'EventOrigin',
  description: 'Who reported an event.',
  valuesConfig: {
    service: { description: 'The service that did it; only these count in costs.' },
    user: { description: 'The user about itself; counts in the figures of use, and costs nothing.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One request as analytics counts it. Only its owner and admins see it.' })
export class Event {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime, { description: 'When the request was made.' })
  ts!: Date;

  @Field(() => String, { description: "The owner's email address when the request was made." })
  username!: string;

  @Field(() => EventService)
  service!: EventServiceName;

  @Field(() => String, { description: 'What was asked for, such as `generate`, `summarize` or `message`.' })
  action!: string;

  @Field(() => ID, { description: 'The `X-Request-Id` of the request.' })
  requestId!: string;

  @Field(() => String)
  provider!: string;

  @Field(() => String)
  model!: string;

  @Field(() => Float)
  latencyMs!: number;

  @Field(() => Int, { description: "HTTP status of the request's outcome; from 400 it counts as an error." })
  status!: number;

  @Field(() => TokenCount)
  tokens!: TokenCount;

  @Field(() => ByteSize)
  size!: ByteSize;

  @Field(() => Cost)
  cost!: Cost;

  @Field(() => EventOrigin, { description: 'Who said that it happened.' })
  origin!: EventOriginName;

  @Field(() => GraphQLJSONObject, { description: 'Whatever else the reporter said, such as the parameters.' })
  meta!: Record<string, unknown>;
}
