import { AppError } from '#shared/errors/app-error.js';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
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
} from './history.port.js';
import { JSON_TYPE, jsonBytes } from './json-object.js';
import { outboxKey } from './keys.js';
import type { ObjectStore } from './object-store.port.js';
import type { PromptPolicy, PromptStorage } from './prompt-policy.js';
import { sha256Hex } from './sha256.js';
import { bareError, hashOf, textsOf, withoutAnswers, withoutWords, type Recorded } from './withheld.js';

export interface RecorderParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  readonly policy: PromptPolicy;
  readonly log: Logger;
}

/** Called with each record that is committed. */
export type OnCommitted = (record: HistoryRecord) => void;

/** A store may refuse a creation because of a write of the same key that then comes to nothing. */
const MAX_ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 400;
/** Lets a lifecycle rule tell what may expire from records and indexes, which stay. */
const ARTIFACT_TAGS = { class: 'artifact' };

type Outcome = Omit<HistoryRecord, keyof ReturnType<typeof constantsOf> | 'size' | 'artifacts'> & {
  readonly artifacts: readonly Artifact[];
  readonly output?: Readonly<Record<string, unknown>> | undefined;
};

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
    let produced: Produced;
    try {
      // Never comes to anything but a failure, at which there is nothing to wait for any more.
      const inputFailure = stored.then(() => new Promise<never>(() => undefined));
      produced = await Promise.race([produce(identity, underWayOf(running)), inputFailure]);
    } catch (error) {
      const isStored = await stored.then(
        () => true,
        () => false,
      );
      if (isStored) await this.#commitFailure(running, { error, latencyMs: elapsedMs() }, committed);
      throw error;
    }
    const latencyMs = elapsedMs();
    const kept = running.storage === 'hash' ? withoutAnswers(produced, request) : produced;
    const record = await this.#commit(running, { ...successOf(request, kept), latencyMs }, stored);
    committed(record);
    return { ...record, ...textsOf(produced) };
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
    const request = { ...known, promptStorage: storage };
    const input = jsonBytes(known.input);
    await this.#commitDeath({ request, identity, promptHash, storage, input }, committed);
  }

  /** The same record whoever makes it, so that several may. The process may have died before the input was written. */
  async #commitDeath(running: Running, committed: OnCommitted): Promise<void> {
    const { store } = this.parts;
    const key = inputKey(running.identity);
    await store.put(key, running.input, { contentType: JSON_TYPE, create: true });
    const input = await store.get(key);
    if (!input) throw unavailable(`there is no ${key}`);
    const died = new AppError('SERVICE_UNAVAILABLE', 'The request came to no end.');
    await this.#commitFailure({ ...running, input: input.bytes }, { error: died, latencyMs: 0 }, committed);
  }

  async #commitFailure(
    running: Running,
    { error, latencyMs }: { error: unknown; latencyMs: number },
    committed: OnCommitted,
  ): Promise<void> {
    const { request, identity, storage } = running;
    const { requestId } = request;
    const err = storage === 'hash' ? bareError(error) : error;
    // The client hears fixed words only; why a provider failed stands here or nowhere.
    this.parts.log.warn({ err, recordId: identity.id, requestId }, 'a request failed');
    try {
      committed(await this.#commit(running, { ...failureOf(request, error), latencyMs }));
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

  /**
   * The ids are new, so what is there already should be an earlier attempt of this very write, repeated by the client
   * library. It is looked at all the same: stores also refuse a creation because of a write that came to nothing.
   */
  async #create(key: string, bytes: Uint8Array, contentType = JSON_TYPE, tags?: Record<string, string>): Promise<void> {
    const { store } = this.parts;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      if (await store.put(key, bytes, { contentType, create: true, ...(tags && { tags }) })) return;
      const found = await store.get(key);
      if (found && Buffer.compare(found.bytes, bytes) === 0) return;
      if (found) break;
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 5 * 2 ** attempt));
    }
    throw unavailable(`the store refuses to create ${key}`);
  }
}

function underWayOf({ request, promptHash, storage }: Running): RequestUnderWay {
  const { userId, username, requestId, action, prompt, input, params, asked } = request;
  return { userId, username, requestId, action, prompt, input, params, asked, promptHash, storage };
}

function unavailable(reason: string): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.', { cause: new Error(reason) });
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

/** Beyond what it says of itself, nobody is known to have read or written a token for it, nor to have charged for it. */
function failureOf({ asked, params, requestId, action }: RecordedRequest, error: unknown): Omit<Outcome, 'latencyMs'> {
  const { attempts, spent } = attemptsOf(error);
  const { in: read, out: written, estimated } = spent?.tokens ?? { in: 0, out: 0, estimated: false };
  const code = error instanceof AppError ? error.code : publicErrorOf(error).code;
  return {
    ...asked,
    status: ERROR_CODES[code].http,
    tokens: { in: read, out: written },
    cost: { usd: spent ? spent.costUsd : 0 },
    meta: {
      params,
      requestId,
      action,
      error: code,
      ...(estimated && { tokensEstimated: true }),
      ...(attempts.length > 0 && { attempts }),
    },
    artifacts: [],
  };
}

/** The fields in the order in which the original specification shows them. */
function ordered(record: HistoryRecord): HistoryRecord {
  const { id, userId, username, service, provider, model, prompt, promptHash, status, latencyMs } = record;
  const { tokens, size, cost, createdAt, artifacts, meta } = record;
  const start = { id, userId, username, service, provider, model, prompt, promptHash, status, latencyMs };
  return { ...start, tokens, size, cost, createdAt, artifacts, meta };
}
