import { Arg, Args, Ctx, Directive, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '#shared/context/user.stub.js';
import { maySee, requireService, requireUser } from '#shared/context/viewer.js';
import type { AnalyticsContext } from './context.js';
import type { EventRow } from './entities/event.entity.js';
import { RecordedEventsArgs, RecordEventsArgs, ReportEventInput } from './event.input.js';
import { Event } from './event.type.js';

@Resolver(() => Event)
export class EventResolver {
  @Mutation(() => Event, { description: 'Reports a request that the signed-in user made by itself.' })
  async reportEvent(
    @Arg('input', () => ReportEventInput) input: ReportEventInput,
    @Ctx() context: AnalyticsContext,
  ): Promise<Event> {
    return context.events.report(input, requireUser(context), context.requestId);
  }

  @Directive('@inaccessible')
  @Mutation(() => Int, {
    description: 'Stores the events that a service delivers, at most 500, and tells how many were new. Safe to repeat.',
  })
  async recordEvents(
    @Args(() => RecordEventsArgs) args: RecordEventsArgs,
    @Ctx() context: AnalyticsContext,
  ): Promise<number> {
    requireService(context);
    return context.events.record(args.events);
  }

  @Directive('@inaccessible')
  @Query(() => [Event], {
    description:
      'The events that services delivered about one of them, in the order of their ids: what `history:verify` compares.',
  })
  async recordedEvents(
    @Args(() => RecordedEventsArgs) page: RecordedEventsArgs,
    @Ctx() context: AnalyticsContext,
  ): Promise<Event[]> {
    requireService(context);
    return context.events.recorded(page);
  }

  @FieldResolver(() => UserStub, { description: 'Whose request it was.' })
  owner(@Root() event: EventRow): UserStub {
    return { id: event.userId };
  }
}

/** Another user's event is null, as one that does not exist. */
export async function resolveEventReference(
  { id }: Record<string, string>,
  context: AnalyticsContext,
): Promise<EventRow | null> {
  const event = id === undefined ? null : await context.eventsById.load(id);
  return event && maySee(context.viewer, event.userId) ? event : null;
}
