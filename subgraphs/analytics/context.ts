import type { MikroORM } from '@mikro-orm/mongodb';
import type { RequestContext } from '#shared/context/request-context.js';
import { createEventLoader, type EventLoader } from './event.loader.js';
import { EventService } from './event.service.js';
import { UsageService } from './usage.service.js';

export interface AnalyticsContext extends RequestContext {
  readonly events: EventService;
  readonly usage: UsageService;
  readonly eventsById: EventLoader;
}

/** Returns what makes each request's context. */
export function createAnalyticsContext(orm: MikroORM, now: () => Date = () => new Date()) {
  return (request: RequestContext): AnalyticsContext => {
    const em = orm.em.fork();
    return {
      ...request,
      events: new EventService({ em, now }),
      usage: new UsageService({ em, now }),
      eventsById: createEventLoader(em),
    };
  };
}
