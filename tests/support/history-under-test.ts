import { AppError } from '#shared/errors/app-error.js';
import type { EventSink } from '#shared/events/event-sink.port.js';
import type { DeliverableEvent } from '#shared/events/usage-event.js';
import { DayIndex } from '#shared/history/settling/day-index.js';
import type { HistoryRecord, LlmService, Produced, RecordedRequest } from '#shared/history/history.port.js';
import { identityOf } from '#shared/history/keys.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { stricterPolicy, type PromptStorage } from '#shared/history/commit/prompt-policy.js';
import { Recorder } from '#shared/history/commit/recorder.js';
import { Relay } from '#shared/history/settling/relay.js';
import { S3History } from '#shared/history/s3-history.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';

export const USER_ID = '5f0c1f8e-3f5b-4c39-9d5e-2f6c0a7b1d11';
export const REQUEST_ID = '0b9f7d52-7c1e-4a53-8a52-6f3f3a0f9e21';
export const NOW = new Date('2026-11-24T10:00:00.000Z');

export const TAKE_OVER_AFTER_MS = 120_000;

const log = createLogger({ level: 'silent', service: 'test' });

/** An analytics in memory, which as the real one keeps the first event of an id. */
export class MemorySink implements EventSink {
  readonly events = new Map<string, DeliverableEvent>();
  /** Deliveries that it is yet to refuse. */
  refusals = 0;
  /** Ids of events with which it finds fault. */
  readonly faulty = new Set<string>();
  /** How many events each call had. */
  readonly calls: number[] = [];

  async deliver(events: readonly DeliverableEvent[]): Promise<void> {
    await Promise.resolve();
    this.calls.push(events.length);
    if (events.some(({ id }) => this.faulty.has(id))) throw new AppError('BAD_USER_INPUT', 'There is a fault.');
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new AppError('SERVICE_UNAVAILABLE', 'Analytics is not available.');
    }
    for (const event of events) if (!this.events.has(event.id)) this.events.set(event.id, event);
  }
}

export interface HistoryOptions {
  readonly store: ObjectStore;
  readonly events?: EventSink;
  readonly service?: LlmService;
  readonly now?: () => Date;
  readonly storage?: PromptStorage;
  readonly logger?: Logger;
}

/** A process with a history: each call is a replica of its own. */
export function openReplica({
  store,
  events = new MemorySink(),
  service = 'image',
  now = () => NOW,
  storage = 'plain',
  logger = log,
}: HistoryOptions) {
  const index = new DayIndex(store, logger);
  const recorder = new Recorder({ service, store, log: logger, policy: stricterPolicy(storage) });
  const relay = new Relay({ store, index, events, log, now, close: recorder.closeUnderWay.bind(recorder) });
  return {
    index,
    relay,
    history: new S3History({ service, store, index, recorder, relay, now, takeOverAfterMs: TAKE_OVER_AFTER_MS }),
  };
}

export function requestOf(change: Partial<RecordedRequest> = {}): RecordedRequest {
  return {
    userId: USER_ID,
    username: 'ada@example.com',
    requestId: REQUEST_ID,
    promptStorage: undefined,
    action: 'generate',
    prompt: 'un faro en la niebla',
    input: { prompt: 'un faro en la niebla', size: '512x512', seed: 7 },
    params: { size: '512x512', seed: 7 },
    asked: { provider: 'local', model: 'asked-model' },
    ...change,
  };
}

export function producedOf(change: Partial<Produced> = {}): Produced {
  return {
    provenance: {
      provider: 'pollinations',
      model: 'flux',
      tokens: { in: 12, out: 34, estimated: false },
      costUsd: 0.0032,
    },
    artifacts: [
      { name: 'image', at: { path: 'image/original.png' }, bytes: Buffer.alloc(900, 1), contentType: 'image/png' },
      { name: 'preview', at: { path: 'image/preview.jpg' }, bytes: Buffer.alloc(100, 2), contentType: 'image/jpeg' },
    ],
    output: { finishReason: 'stop' },
    ...change,
  };
}

/** A record as the recorder would make it, for tests of what comes after. */
export function recordOf(id: string, change: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    id,
    userId: USER_ID,
    username: 'ada@example.com',
    service: 'image',
    provider: 'pollinations',
    model: 'flux',
    prompt: 'un faro',
    promptHash: `sha256:${'0'.repeat(64)}`,
    status: 200,
    latencyMs: 5,
    tokens: { in: 1, out: 2 },
    size: { inputBytes: 3, outputBytes: 4 },
    cost: { usd: null },
    createdAt: identityOf(id)?.createdAt.toISOString() ?? '',
    artifacts: {},
    meta: { params: {}, requestId: REQUEST_ID, action: 'generate' },
    ...change,
  };
}
