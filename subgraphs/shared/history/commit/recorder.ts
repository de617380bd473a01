import { AppError } from '#shared/errors/app-error.js';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
import type { Provenance, Spending } from '#shared/llm/llm.port.js';
import type { Logger } from '#shared/logging/logger.js';
import type {
  Artifact,
  HistoryRecord,
  LlmService,
  Produce,
  Produced,
  RecordedRequest,
  RecordIdentity,
  RequestUnderWay,
} from '../history.port.js';
import { creationRefused, createObject } from '../store/create-object.js';
import { JSON_TYPE, jsonBytes } from '../store/json-object.js';
import { outboxKey } from '../keys.js';
import type { ObjectStore } from '../store/object-store.port.js';
import type { PromptPolicy, PromptStorage } from './prompt-policy.js';
import { sha256Hex } from './sha256.js';
import { storeUnavailable } from '../store/store-unavailable.js';
import { bareError, hashOf, textsOf, withoutAnswers, withoutWords, type Recorded } from './withheld.js';

export interface RecorderParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  readonly policy: PromptPolicy;
  readonly log: Logger;
}

/** Called with each record that is committed. */
export type OnCommitted = (record: HistoryRecord) => void;

/** Bytes of an input that others are told of as it is. What is larger would be too much to hold for each stream. */
const MAX_TOLD_INPUT = 16 * 1024;
const NOTHING_SPENT: Spending = { tokens: { in: 0, out: 0, estimated: false }, costUsd: 0 };
/** Lets a lifecycle rule tell what may expire from records and indexes, which stay. */
const ARTIFACT_TAGS = { class: 'artifact' };

type Outcome = Omit<HistoryRecord, keyof ReturnType<typeof constantsOf> | 'size' | 'artifacts'> & {
  readonly artifacts: readonly Artifact[];
  readonly output?: Readonly<Record<string, unknown>> | undefined;
};

interface Failure {
  readonly error: unknown;
  /** Who had answered by then, where an answer could not be kept. */
  readonly answered?: Provenance | undefined;
}

/** A request that has an identity, and so a place. */
export interface Begun {
  readonly request: RecordedRequest;
  readonly identity: RecordIdentity;
}

interface Running extends Begun {
  /** Where it is `hash`, the request has no words any more. */
  readonly storage: PromptStorage;
  readonly promptHash: string;
  /** `input.json` as it lies in the store. */
  readonly input: Uint8Array;
}

/** The commit protocol: what is written in which order, so that a crash leaves either a whole request or none. */
export class Recorder {
  constructor(private readonly parts: RecorderParts) {}

  /** See `History.run`. */
  async run({ request, identity }: Begun, produce: Produce, committed: OnCommitted): Promise<Recorded> {
    const startedAt = performance.now();
    const elapsedMs = (): number => Math.round(performance.now() - startedAt);
    const running = await this.#begin({ request, identity });
    const stored = this.#create(inputKey(identity), running.input);
    let produced: Produced | undefined;
    try {
      // Never comes to anything but a failure, at which there is nothing to wait for any more.
      const inputFailure = stored.then(() => new Promise<never>(() => undefined));
      produced = await Promise.race([produce(identity, () => underWayOf(running, stored)), inputFailure]);
      const latencyMs = elapsedMs();
      const kept = running.storage === 'hash' ? withoutAnswers(produced, request) : produced;
      const record = await this.#commit(running, { ...successOf(request, kept), latencyMs }, stored);
      committed(record);
      return { ...record, ...textsOf(produced) };
    } catch (error) {
      const failure = { error, answered: produced?.provenance, latencyMs: elapsedMs() };
      if (await isFulfilled(stored)) await this.#commitFailure(running, failure, committed);
      throw error;
    }
  }

  /** The request as it is kept. */
  async #begin({ request, identity }: Begun): Promise<Running> {
    const storage = this.parts.policy.storageFor(request);
    const kept = storage === 'hash' ? withoutWords(request) : request;
    const promptHash = hashOf(request.prompt);
    return { request: kept, identity, storage, promptHash, input: jsonBytes(kept.input) };
  }

  /**
   * Sees to it that a request which may have died has an outcome: its own, where it has one by now, or else a failure, which
   * keeps it from committing any other. Throws SERVICE_UNAVAILABLE.
   */
  async close({ request, identity }: Begun, committed: OnCommitted): Promise<void> {
    if (await this.parts.store.get(recordKey(identity))) return;
    await this.#commitDeath(await this.#begin({ request, identity }), committed);
  }

  /** The same for a request of another process, known by what that one has told of it. */
  async closeUnderWay(
    identity: RecordIdentity,
    { promptHash, storage, ...known }: RequestUnderWay,
    committed: OnCommitted,
  ): Promise<void> {
    if (await this.parts.store.get(recordKey(identity))) return;
    const request = { input: {}, ...known, promptStorage: storage };
    const input = known.input && jsonBytes(known.input);
    await this.#commitDeath({ request, identity, promptHash, storage, input }, committed);
  }

  /** The same record whoever makes it, so that several may. The process may have died before the input was written. */
  async #commitDeath(
    running: Omit<Running, 'input'> & { readonly input: Uint8Array | undefined },
    committed: OnCommitted,
  ): Promise<void> {
    const { store } = this.parts;
    const key = inputKey(running.identity);
    if (running.input) await store.put(key, running.input, { contentType: JSON_TYPE, create: true });
    const input = await store.get(key);
    if (!input) throw storeUnavailable(new Error(`there is no ${key}`));
    const died = new AppError('SERVICE_UNAVAILABLE', 'The request came to no end.');
    await this.#commitFailure({ ...running, input: input.bytes }, { error: died, latencyMs: 0 }, committed);
  }

  async #commitFailure(
    running: Running,
    { latencyMs, ...failure }: Failure & { readonly latencyMs: number },
    committed: OnCommitted,
  ): Promise<void> {
    const { request, identity, storage } = running;
    const { requestId } = request;
    const err = storage === 'hash' ? bareError(failure.error) : failure.error;
    // The client hears fixed words only; why a provider failed stands here or nowhere.
    this.parts.log.warn({ err, recordId: identity.id, requestId }, 'a request failed');
    try {
      committed(await this.#commit(running, { ...failureOf(request, failure), latencyMs }));
    } catch (unrecorded) {
      this.parts.log.error({ err: unrecorded, recordId: identity.id }, 'a failed request could not be recorded');
    }
  }

  /** `stored` is the write of the input, where it may still be under way. */
  async #commit(running: Running, outcome: Outcome, stored?: Promise<void>): Promise<HistoryRecord> {
    const { identity, input, storage } = running;
    const { artifacts, output, meta, ...figures } = outcome;
    const { base, id } = identity;
    const outputJson = output && jsonBytes(output);
    const artifactBytes = artifacts.reduce((total, { bytes }) => total + bytes.length, 0);
    const sha256 = Object.fromEntries([
      ['input', sha256Hex(input)],
      ...(outputJson ? [['output', sha256Hex(outputJson)]] : []),
      ...artifacts.map(({ name, bytes }) => [name, sha256Hex(bytes)]),
    ]) as Record<string, string>;
    const record = ordered({
      ...constantsOf(this.parts.service, running),
      ...figures,
      size: { inputBytes: input.length, outputBytes: artifactBytes || (outputJson?.length ?? 0) },
      artifacts: Object.fromEntries(artifacts.map((artifact) => [artifact.name, artifactKey(base, artifact)])),
      meta: { ...meta, ...(storage === 'hash' && { promptStorage: storage }), sha256 },
    });
    await Promise.all([
      stored,
      ...artifacts.map((artifact) =>
        this.#create(artifactKey(base, artifact), artifact.bytes, artifact.contentType, ARTIFACT_TAGS),
      ),
      ...(outputJson ? [this.#create(`${base}output.json`, outputJson)] : []),
      this.#create(outboxKey(id), jsonBytes({ id, record: recordKey(identity) })),
    ]);
    await this.#create(recordKey(identity), jsonBytes(record));
    return record;
  }

  /** The ids are new, so what is there already should be an earlier attempt of this very write. It is looked at all the same. */
  async #create(key: string, bytes: Uint8Array, contentType = JSON_TYPE, tags?: Record<string, string>): Promise<void> {
    const found = await createObject(this.parts.store, key, bytes, { contentType, ...(tags && { tags }) });
    if (found && Buffer.compare(found, bytes) !== 0) throw creationRefused(key);
  }
}

async function underWayOf(running: Running, stored: Promise<void>): Promise<RequestUnderWay> {
  const { promptHash, storage } = running;
  const { userId, username, requestId, action, prompt, input, params, asked } = running.request;
  const known = { userId, username, requestId, action, prompt, params, asked, promptHash, storage };
  if (running.input.length <= MAX_TOLD_INPUT) return { ...known, input };
  await stored;
  return known;
}

function inputKey({ base }: RecordIdentity): string {
  return `${base}input.json`;
}

function recordKey({ base }: RecordIdentity): string {
  return `${base}record.json`;
}

function artifactKey(base: string, { at }: Artifact): string {
  return 'key' in at ? at.key : `${base}${at.path}`;
}

function constantsOf(service: LlmService, { request, identity, promptHash }: Running) {
  const { userId, username, prompt } = request;
  const { id, createdAt } = identity;
  return { id, userId, username, service, prompt, promptHash, createdAt: createdAt.toISOString() };
}

function successOf({ params, requestId, action }: RecordedRequest, produced: Produced): Omit<Outcome, 'latencyMs'> {
  const { provider, model, tokens, costUsd } = produced.provenance;
  return {
    provider,
    model,
    status: 200,
    tokens: { in: tokens.in, out: tokens.out },
    cost: { usd: costUsd },
    meta: { params, requestId, action, ...(tokens.estimated && { tokensEstimated: true }), ...produced.meta },
    artifacts: produced.artifacts,
    output: produced.output,
  };
}

/** Beyond what is known of it, nobody has read or written a token for it, nor charged for it. */
function failureOf(
  { asked, params, requestId, action }: RecordedRequest,
  { error, answered }: Failure,
): Omit<Outcome, 'latencyMs'> {
  const failed = attemptsOf(error);
  const { tokens, costUsd } = answered ?? failed.spent ?? NOTHING_SPENT;
  const attempts = answered?.attempts ?? failed.attempts;
  const code = error instanceof AppError ? error.code : publicErrorOf(error).code;
  return {
    provider: answered?.provider ?? asked.provider,
    model: answered?.model ?? asked.model,
    status: ERROR_CODES[code].http,
    tokens: { in: tokens.in, out: tokens.out },
    cost: { usd: costUsd },
    meta: {
      params,
      requestId,
      action,
      error: code,
      ...(tokens.estimated && { tokensEstimated: true }),
      ...(attempts.length > 0 && { attempts }),
      ...failed.progress,
    },
    artifacts: [],
  };
}

async function isFulfilled(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** The fields in the order in which the original specification shows them. */
function ordered(record: HistoryRecord): HistoryRecord {
  const { id, userId, username, service, provider, model, prompt, promptHash, status, latencyMs } = record;
  const { tokens, size, cost, createdAt, artifacts, meta } = record;
  const start = { id, userId, username, service, provider, model, prompt, promptHash, status, latencyMs };
  return { ...start, tokens, size, cost, createdAt, artifacts, meta };
}
