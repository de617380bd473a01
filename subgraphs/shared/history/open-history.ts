import { createServiceTokenSigner } from '#shared/context/token-signer.js';
import type { TokenRules } from '#shared/context/token-verifier.js';
import { AnalyticsSink } from '#shared/events/analytics-sink.js';
import type { Logger } from '#shared/logging/logger.js';
import { ConditionalStore } from './store/conditional-store.js';
import { withFault } from './commit/fault-point.js';
import { DayIndex } from './settling/day-index.js';
import { takeOverAfterMs, type HistorySettings } from './history.config.js';
import type { History, LlmService } from './history.port.js';
import type { ObjectStore } from './store/object-store.port.js';
import { stricterPolicy } from './commit/prompt-policy.js';
import { Recorder } from './commit/recorder.js';
import { Relay } from './settling/relay.js';
import { S3History } from './s3-history.js';
import { S3ObjectStore } from './store/s3-object-store.js';

export interface HistoryOptions {
  readonly service: LlmService;
  readonly config: HistorySettings & { readonly NODE_ENV?: string; readonly LLM_TIMEOUT_MS: number };
  readonly rules: TokenRules;
  readonly log: Logger;
  /** Called with what releases each resource, right after it was acquired. */
  defer(name: string, release: () => unknown): void;
}

export interface OpenedHistory {
  readonly history: History;
  readonly store: ObjectStore;
}

const now = (): Date => new Date();

/** Opens a service's bucket and begins to settle what the outbox holds. */
export function openHistory({ service, config, rules, log, defer }: HistoryOptions): OpenedHistory {
  const bucket = new S3ObjectStore({
    endpoint: config.S3_ENDPOINT,
    publicEndpoint: config.S3_PUBLIC_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY,
    secretAccessKey: config.S3_SECRET_KEY,
    bucket: config.S3_BUCKET,
  });
  defer('object store', () => bucket.close());
  const conditional = new ConditionalStore(bucket, log);
  void conditional.probe().catch((error: unknown) => log.warn({ err: error }, 'the object store is away'));
  const signToken = createServiceTokenSigner(config.SERVICE_PRIVATE_KEY, rules, service);
  const sink = new AnalyticsSink(config.ANALYTICS_URL, signToken);
  defer('analytics connections', () => sink.close());
  const { store, events } = withFault(config, { store: conditional, events: sink });
  const index = new DayIndex(store, log);
  const recorder = new Recorder({ service, store, log, policy: stricterPolicy(config.PROMPT_STORAGE) });
  const close = recorder.closeUnderWay.bind(recorder);
  const relay = new Relay({ store, index, events, log, now, close });
  relay.start();
  defer('relay', () => relay.stop());
  const parts = { service, store, index, recorder, relay, now };
  const history = new S3History({ ...parts, takeOverAfterMs: takeOverAfterMs(config) });
  defer('requests under way', () => history.idle());
  return { history, store };
}
