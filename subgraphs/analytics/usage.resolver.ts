import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '#shared/context/user.stub.js';
import { requireOwner } from '#shared/context/viewer.js';
import type { AnalyticsContext } from './context.js';
import { TimeRangeInput } from './usage.input.js';
import { ModelCost, ServicePerformance, TimeBucket, Usage, UsageOverview, UsagePoint } from './usage.type.js';

const NO_SUCH_USER = 'No such user.';

@Resolver(() => Usage)
export class UsageResolver {
  @Query(() => Usage, { description: "An account's use of the platform; its owner and admins may ask." })
  usage(
    @Arg('userId', () => ID) userId: string,
    @Arg('range', () => TimeRangeInput, { nullable: true }) range: TimeRangeInput | null,
    @Ctx() context: AnalyticsContext,
  ): Usage {
    requireOwner(context, userId.toLowerCase(), NO_SUCH_USER);
    return context.usage.scope(userId, range);
  }

  @FieldResolver(() => UsageOverview, {
    description: "The key figures of the whole span; the user's own reports count too, at no cost.",
  })
  async overview(@Root() usage: Usage, @Ctx() context: AnalyticsContext): Promise<UsageOverview> {
    return context.usage.overview(usage);
  }

  @FieldResolver(() => [UsagePoint], { description: 'Days or hours that had requests, by time and service.' })
  async timeseries(
    @Root() usage: Usage,
    @Arg('bucket', () => TimeBucket, { defaultValue: TimeBucket.day }) bucket: TimeBucket,
    @Arg('timezone', () => String, { defaultValue: 'UTC', description: 'An IANA name: whose days and hours.' })
    timezone: string,
    @Ctx() context: AnalyticsContext,
  ): Promise<UsagePoint[]> {
    return context.usage.timeseries(usage, bucket, timezone);
  }

  @FieldResolver(() => [ServicePerformance], { description: 'Speed and errors by service, most used first.' })
  async performance(@Root() usage: Usage, @Ctx() context: AnalyticsContext): Promise<ServicePerformance[]> {
    return context.usage.performance(usage);
  }

  @FieldResolver(() => [ModelCost], { description: 'Cost by model, dearest first, of what services reported.' })
  async costs(@Root() usage: Usage, @Ctx() context: AnalyticsContext): Promise<ModelCost[]> {
    return context.usage.costs(usage);
  }
}

@Resolver(() => UserStub)
export class UserUsageResolver {
  @FieldResolver(() => Usage, { description: 'The use of the platform; its owner and admins may ask.' })
  usage(
    @Root() user: UserStub,
    @Arg('range', () => TimeRangeInput, { nullable: true }) range: TimeRangeInput | null,
    @Ctx() context: AnalyticsContext,
  ): Usage {
    requireOwner(context, user.id, NO_SUCH_USER);
    return context.usage.scope(user.id, range);
  }
}
