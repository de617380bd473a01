import { ObjectId, type EntityManager } from '@mikro-orm/mongodb';
import { MongoBulkWriteError } from 'mongodb';
import type { UserViewer } from '#shared/context/viewer.js';
import { AppError, badInput } from '#shared/errors/app-error.js';
import type { DeliverableEvent, EventService as EventServiceName, UsageEvent } from '#shared/events/usage-event.js';
import { reached } from './availability.js';
import { EventRow, type EventDocument } from './entities/event.entity.js';

/** What a user says of one of its own requests; what it leaves out has a default. */
export interface EventReport extends Omit<UsageEvent, 'ts' | 'userId' | 'username' | 'requestId' | 'cost' | 'meta'> {
  readonly ts?: Date | null;
  readonly userId?: string | null;
  readonly requestId?: string | null;
  readonly cost?: { readonly usd?: number | null } | null;
  readonly meta?: UsageEvent['meta'] | null;
}

export interface DeliveredEvent extends Omit<DeliverableEvent, 'ts' | 'cost' | 'meta'> {
  readonly ts: Date;
  readonly meta?: UsageEvent['meta'] | null;
  readonly cost: { readonly usd?: number | null };
}

/** A page of the events that services delivered. */
export interface RecordedEvents {
  readonly service: EventServiceName;
  /** The last id of the page before. */
  readonly after?: string | null;
  readonly first: number;
}

export interface EventDependencies {
  readonly em: EntityManager;
  readonly now: () => Date;
}

/** Clocks differ; by more than this a time is not late or early but wrong. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;
const DUPLICATE_KEY = 11_000;

/** Events as they come in, from services and from users. */
export class EventService {
  constructor(private readonly deps: EventDependencies) {}

  /**
   * Stores what a user reports about itself.
   * Throws FORBIDDEN when it names somebody else, BAD_USER_INPUT when it names a cost or a time to come.
   */
  async report(report: EventReport, viewer: UserViewer, requestId: string): Promise<EventRow> {
    const { now } = this.deps;
    if (report.userId && report.userId.toLowerCase() !== viewer.id.toLowerCase()) {
      throw new AppError('FORBIDDEN', 'input.userId must be your own id: a user reports only on itself.');
    }
    if (report.cost?.usd) {
      throw badInput(
        'input.cost.usd',
        'servicesOnly',
        'input.cost.usd must be 0 or absent: only services report a cost.',
      );
    }
    const ts = report.ts ?? now();
    if (ts.getTime() > now().getTime() + MAX_CLOCK_SKEW_MS) {
      throw badInput('input.ts', 'notInFuture', 'input.ts must not be in the future.');
    }
    const id = new ObjectId();
    const document: EventDocument = {
      ...measuresOf(report),
      _id: id,
      ts,
      userId: viewer.id,
      username: viewer.email,
      requestId: report.requestId?.toLowerCase() ?? requestId,
      cost: { usd: 0 },
      origin: 'user',
    };
    await reached(this.#collection().insertOne(document));
    return { ...document, id: id.toHexString() };
  }

  /** Stores what services deliver and returns how many were new: an event that is there already is left as it is. */
  async record(delivered: readonly DeliveredEvent[]): Promise<number> {
    if (delivered.length === 0) return 0;
    const documents = delivered.map(documentOf);
    try {
      return (await reached(this.#collection().insertMany(documents, { ordered: false }))).insertedCount;
    } catch (error) {
      if (error instanceof MongoBulkWriteError && onlyDuplicates(error)) return error.insertedCount;
      throw error;
    }
  }

  /** What services delivered about one of them, in the order of its ids, after one of these. */
  async recorded({ service, after, first }: RecordedEvents): Promise<EventRow[]> {
    const above = after == null ? {} : { _id: { $gt: new ObjectId(after) } };
    const found = this.#collection().find({ service, origin: 'service', ...above });
    const documents = await reached(found.sort({ _id: 1 }).limit(first).toArray());
    return documents.map((document) => ({ ...document, id: document._id.toHexString() }));
  }

  /** Written to without the entity manager, which would log what people asked for. */
  #collection() {
    return this.deps.em.getCollection<EventDocument>(EventRow);
  }
}

function documentOf(event: DeliveredEvent): EventDocument {
  return {
    ...measuresOf(event),
    _id: new ObjectId(event.id),
    ts: event.ts,
    userId: event.userId.toLowerCase(),
    username: event.username,
    requestId: event.requestId.toLowerCase(),
    cost: { usd: event.cost.usd ?? null },
    origin: 'service',
  };
}

/** Field by field: what is stored must not depend on what else an input carries. */
function measuresOf({ service, action, provider, model, latencyMs, status, tokens, size, meta }: Measures) {
  return {
    service,
    action,
    provider,
    model,
    latencyMs,
    status,
    tokens: { in: tokens.in, out: tokens.out },
    size: { inputBytes: size.inputBytes, outputBytes: size.outputBytes },
    meta: meta ?? {},
  };
}

type Measures = Pick<
  EventDocument,
  'service' | 'action' | 'provider' | 'model' | 'latencyMs' | 'status' | 'tokens' | 'size'
> & { readonly meta?: EventDocument['meta'] | null };

function onlyDuplicates({ writeErrors, result }: MongoBulkWriteError): boolean {
  const errors = Array.isArray(writeErrors) ? writeErrors : [writeErrors];
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY) && !result.getWriteConcernError();
}
