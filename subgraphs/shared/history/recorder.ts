import { AppError } from '#shared/errors/app-error.js';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { Artifact, HistoryRecord, LlmService, Produced, RecordedRequest, RecordIdentity } from './history.port.js';
import { JSON_TYPE, jsonBytes } from './json-object.js';
import { outboxKey } from './keys.js';
import type { ObjectStore } from './object-store.port.js';
import { sha256Hex } from './sha256.js';

export interface RecorderParts {
  readonly service: LlmService;
  readonly store: ObjectStore;
  readonly log: Logger;
}

/** Called with each record that is committed. */
export type OnCommitted = (record: HistoryRecord) => void;

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
  /** `input.json` as it lies in the store. */
  readonly input: Uint8Array;
}

/** The commit protocol: what is written in which order, so that a crash leaves either a whole request or none. */
export class Recorder {
  constructor(private readonly parts: RecorderParts) {}

  /** See `History.run`. */
  async run(
    { request, identity }: Begun,
    produce: (identity: RecordIdentity) => Promise<Produced>,
    committed: OnCommitted,
  ): Promise<HistoryRecord> {
    const startedAt = performance.now();
    const input = jsonBytes(request.input);
    await this.#create(`${identity.base}input.json`, input);
    const elapsedMs = (): number => Math.round(performance.now() - startedAt);
    const running: Running = { request, identity, input };
    let produced: Produced;
    try {
      produced = await produce(identity);
    } catch (error) {
      await this.#commitFailure(running, { error, latencyMs: elapsedMs() }, committed);
      throw error;
    }
    const record = await this.#commit(running, { ...successOf(request, produced), latencyMs: elapsedMs() });
    committed(record);
    return record;
  }

  /**
   * Sees to it that a request which may have died has an outcome: its own, where it has one by now, or else a failure, which
   * keeps it from committing any other. Throws SERVICE_UNAVAILABLE.
   */
  async close({ request, identity }: Begun, committed: OnCommitted): Promise<void> {
    const { store } = this.parts;
    if (await store.get(recordKey(identity))) return;
    const key = `${identity.base}input.json`;
    await store.put(key, jsonBytes(request.input), { contentType: JSON_TYPE, create: true });
    const input = await store.get(key);
    if (!input) throw unavailable(`the store refuses to create ${key}`);
    const died = new AppError('SERVICE_UNAVAILABLE', 'The request came to no end.');
    await this.#commitFailure({ request, identity, input: input.bytes }, { error: died, latencyMs: 0 }, committed);
  }

  async #commitFailure(
    running: Running,
    { error, latencyMs }: { error: unknown; latencyMs: number },
    committed: OnCommitted,
  ): Promise<void> {
    const { request, identity } = running;
    const { requestId } = request;
    // The client hears fixed words only; why a provider failed stands here or nowhere.
    this.parts.log.warn({ err: error, recordId: identity.id, requestId }, 'a request failed');
    try {
      committed(await this.#commit(running, { ...failureOf(request, error), latencyMs }));
    } catch (unrecorded) {
      this.parts.log.error({ err: unrecorded, recordId: identity.id }, 'a failed request could not be recorded');
    }
  }

  async #commit({ request, identity, input }: Running, outcome: Outcome): Promise<HistoryRecord> {
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
      ...constantsOf(this.parts.service, request, identity),
      ...figures,
      size: { inputBytes: input.length, outputBytes: artifactBytes || (outputJson?.length ?? 0) },
      artifacts: Object.fromEntries(artifacts.map((artifact) => [artifact.name, artifactKey(base, artifact)])),
      meta: { ...meta, sha256 },
    });
    await Promise.all([
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
    if (await store.put(key, bytes, { contentType, create: true, ...(tags && { tags }) })) return;
    const found = await store.get(key);
    if (found && Buffer.compare(found.bytes, bytes) === 0) return;
    throw unavailable(`the store refuses to create ${key}`);
  }
}

function unavailable(reason: string): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.', { cause: new Error(reason) });
}

function recordKey({ base }: RecordIdentity): string {
  return `${base}record.json`;
}

function artifactKey(base: string, { at }: Artifact): string {
  return 'key' in at ? at.key : `${base}${at.path}`;
}

function constantsOf(
  service: LlmService,
  { userId, username, prompt }: RecordedRequest,
  { id, createdAt }: RecordIdentity,
) {
  const promptHash = `sha256:${sha256Hex(prompt)}`;
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

/** Nobody is known to have read or written a token for it, nor to have charged for it. */
function failureOf({ asked, params, requestId, action }: RecordedRequest, error: unknown): Omit<Outcome, 'latencyMs'> {
  const code = error instanceof AppError ? error.code : publicErrorOf(error).code;
  return {
    ...asked,
    status: ERROR_CODES[code].http,
    tokens: { in: 0, out: 0 },
    cost: { usd: 0 },
    meta: { params, requestId, action, error: code },
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
