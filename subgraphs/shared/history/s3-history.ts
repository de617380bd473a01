import { badInput } from '#shared/errors/app-error.js';
import type { DayIndex, IndexLine } from './settling/day-index.js';
import type {
  History,
  HistoryPage,
  HistoryPageOrder,
  HistoryRecord,
  LlmService,
  Produce,
  RecordedRequest,
  RecordFilter,
  RecordIdentity,
  RequestUnderWay,
} from './history.port.js';
import { identityOf, indexPrefix, isUserId, newIdentity } from './keys.js';
import { listAll, type DownloadTerms, type ObjectStore } from './store/object-store.port.js';
import { IdempotencyClaims } from './commit/idempotency.js';
import type { Begun, Recorder } from './commit/recorder.js';
import type { Relay } from './settling/relay.js';

export interface HistoryParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  readonly index: DayIndex;
  readonly recorder: Recorder;
  readonly relay: Relay;
  readonly now: () => Date;
  /** See {@link IdempotencyClaims}. */
  readonly takeOverAfterMs: number;
}

const SHORTEST_URL_SEC = 300;
const LONGEST_URL_SEC = 600;
const DAY_MS = 86_400_000;

function passes({ createdAt, status }: IndexLine, filter: RecordFilter): boolean {
  const madeAt = new Date(createdAt);
  if ((filter.from && madeAt < filter.from) || (filter.to && madeAt > filter.to)) return false;
  if (filter.status != null && status !== filter.status) return false;
  return filter.failed == null || status >= 400 === filter.failed;
}

/** The history of one service in its bucket. */
export class S3History implements History {
  readonly #claims: IdempotencyClaims;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #hand = (record: HistoryRecord): void => this.parts.relay.hand(record);

  constructor(private readonly parts: HistoryParts) {
    const close = ({ request, identity }: Begun): Promise<void> =>
      parts.recorder.close({ request, identity }, this.#hand);
    this.#claims = new IdempotencyClaims({ ...parts, find: (id) => this.find(id), close });
  }

  get service(): LlmService {
    return this.parts.service;
  }

  async run(request: RecordedRequest, produce: Produce): Promise<HistoryRecord> {
    const { recorder, now } = this.parts;
    const { idempotency } = request;
    const run = (identity: RecordIdentity): Promise<HistoryRecord> =>
      recorder.run({ request, identity }, produce, this.#hand);
    return this.#counted(idempotency ? this.#claims.once(request, idempotency, run) : run(newIdentity(now())));
  }

  /** Resolves when no request is under way in this process: each has its record by then, or cannot have one here. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async close(id: string, underWay: RequestUnderWay): Promise<HistoryRecord | null> {
    const identity = identityOf(id);
    if (!identity) return null;
    return this.#counted(this.parts.recorder.closeUnderWay(identity, underWay, this.#hand));
  }

  async find(id: string): Promise<HistoryRecord | null> {
    const identity = identityOf(id);
    return identity && this.parts.recorder.find(identity);
  }

  async list(userId: string, { first, after, filter }: HistoryPageOrder): Promise<HistoryPage> {
    const start = after == null ? null : identityOf(after);
    if (after != null && !start) throw badInput('after', 'cursor', 'after must be a cursor of this list.');
    const { from, to } = filter ?? {};
    if (from && to && from > to)
      throw badInput('filter.from', 'notAfterTo', 'filter.from must not be after filter.to.');
    // An admin may ask for any id; what is none has no requests, and no place among the keys.
    if (!isUserId(userId)) return { ids: [], hasNextPage: false };
    const ids: string[] = [];
    for (const day of await this.#days(userId)) {
      if ((start && day > start.createdAt) || (to && day > to)) continue;
      if (from && day.getTime() + DAY_MS <= from.getTime()) break;
      const lines = await this.parts.index.read(userId, this.service, day);
      const wanted = lines.filter((line) => (!start || line.id < start.id) && passes(line, filter ?? {}));
      ids.push(...wanted.map(({ id }) => id));
      if (ids.length > first) break;
    }
    return { ids: ids.slice(0, first), hasNextPage: ids.length > first };
  }

  async signedUrl(key: string, terms: DownloadTerms): Promise<string> {
    const { expiresInSec } = terms;
    if (!Number.isInteger(expiresInSec) || expiresInSec < SHORTEST_URL_SEC || expiresInSec > LONGEST_URL_SEC) {
      const rule = `expiresInSec must be a whole number from ${SHORTEST_URL_SEC} to ${LONGEST_URL_SEC}.`;
      throw badInput('expiresInSec', 'range', rule);
    }
    return this.parts.store.signedUrl(key, terms);
  }

  /** Midnights (UTC) of the days on which the user has an index, latest first. */
  async #days(userId: string): Promise<Date[]> {
    const days: Date[] = [];
    for await (const key of listAll(this.parts.store, indexPrefix(userId, this.service))) {
      const date = /(\d{4})\/(\d{2})\/(\d{2})\.jsonl$/.exec(key);
      if (date) days.push(new Date(`${date[1]}-${date[2]}-${date[3]}T00:00:00Z`));
    }
    return days.toReversed();
  }
}
