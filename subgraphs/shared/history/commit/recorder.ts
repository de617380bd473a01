import { AppError } from '#shared/errors/app-error.js';
import { estimatedTokens } from '#shared/llm/token-estimate.js';
import type { Logger } from '#shared/logging/logger.js';
import type {
  Artifact,
  HistoryRecord,
  LlmService,
  OutboxEntry,
  Produce,
  Produced,
  RecordedRequest,
  RecordIdentity,
  RequestUnderWay,
} from '../history.port.js';
import { creationRefused, createObject } from '../store/create-object.js';
import { JSON_TYPE, jsonBytes, readJson } from '../store/json-object.js';
import { outboxKey } from '../keys.js';
import type { ObjectStore } from '../store/object-store.port.js';
import { failureOf, spentBeforeDeath, successOf, type Failure, type Outcome } from './outcome.js';
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

/** Lets a lifecycle rule tell what may expire from records and indexes, which stay. */
const ARTIFACT_TAGS = { class: 'artifact' };

/** A request that has an identity, and so a place. */
export interface Begun {
  readonly request: RecordedRequest;
  readonly identity: RecordIdentity;
}

interface Running extends Begun {
  /** Where it is `hash`, the request has no words any more. */
  readonly storage: PromptStorage;
  readonly promptHash: string;
  /** Tokens of the prompt by our estimate. */
  readonly tokensIn: number;
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
    const announced = this.#announce(running, stored);
    // The store may have been away for a moment then. An entry without an input could never be closed.
    const known = async (): Promise<void> => {
      await stored;
      await announced.catch(() => this.#createEntry(identity, knownOf(running)));
    };
    let produced: Produced | undefined;
    try {
      // Never comes to anything but a failure, at which there is nothing to wait for any more.
      const inputFailure = stored.then(() => new Promise<never>(() => undefined));
      produced = await Promise.race([produce(identity, () => underWayOf(running, stored)), inputFailure]);
      const latencyMs = elapsedMs();
      const kept = running.storage === 'hash' ? withoutAnswers(produced, request) : produced;
      const record = await this.#commit(running, { ...successOf(request, kept), latencyMs }, known());
      committed(record);
      return { ...record, ...textsOf(produced) };
    } catch (error) {
      const failure = { error, answered: produced?.provenance, latencyMs: elapsedMs() };
      if (await isFulfilled(stored)) await this.#commitFailure(running, failure, known(), committed);
      throw error;
    }
  }

  /** The request as it is kept. */
  async #begin({ request, identity }: Begun): Promise<Running> {
    const storage = this.parts.policy.storageFor(request);
    const kept = storage === 'hash' ? withoutWords(request) : request;
    const promptHash = hashOf(request.prompt);
    const tokensIn = estimatedTokens(request.prompt);
    return { request: kept, identity, storage, promptHash, tokensIn, input: jsonBytes(kept.input) };
  }

  /** Says in the outbox what the request is: from then on it comes to an outcome, whoever gives it one. */
  #announce(running: Running, stored: Promise<void>): Promise<void> {
    const announced = underWayOf(running, stored).then((known) => this.#createEntry(running.identity, known));
    announced.catch(() => undefined);
    return announced;
  }

  /**
   * Sees to it that a request which may have died has an outcome: its own, where it has one by now, or else a failure, which
   * keeps it from committing any other. What the dead one has told of itself counts more than `request`, which is the same
   * asked again. Throws SERVICE_UNAVAILABLE.
   */
  async close({ request, identity }: Begun, committed: OnCommitted): Promise<void> {
    if (await this.find(identity)) return;
    const entry = await readJson(this.parts.store, outboxKey(identity.id));
    const known = entry && (entry.value as OutboxEntry).request;
    if (known) await this.#commitKnownDeath(identity, known, committed);
    else await this.#commitDeath(await this.#begin({ request, identity }), committed);
  }

  /** The same for a request of another process, known by what that one has told of it. Returns its record. */
  async closeUnderWay(
    identity: RecordIdentity,
    known: RequestUnderWay,
    committed: OnCommitted = () => undefined,
  ): Promise<HistoryRecord | null> {
    const found = await this.find(identity);
    if (found) return found;
    await this.#commitKnownDeath(identity, known, committed);
    return this.find(identity);
  }

  /** What is committed; null where nothing is. */
  async find(identity: RecordIdentity): Promise<HistoryRecord | null> {
    const found = await readJson(this.parts.store, recordKey(identity));
    return found && (found.value as HistoryRecord);
  }

  async #commitKnownDeath(
    identity: RecordIdentity,
    { promptHash, storage, tokensIn = 0, ...known }: RequestUnderWay,
    committed: OnCommitted,
  ): Promise<void> {
    const request = { input: {}, ...known, promptStorage: storage };
    const input = known.input && jsonBytes(known.input);
    await this.#commitDeath({ request, identity, promptHash, tokensIn, storage, input }, committed);
  }

  /**
   * The same record whoever makes it, so that several may. The process may have died before the input was written, or before
   * the entry was.
   */
  async #commitDeath(
    running: Omit<Running, 'input'> & { readonly input: Uint8Array | undefined },
    committed: OnCommitted,
  ): Promise<void> {
    const { store } = this.parts;
    const key = inputKey(running.identity);
    if (running.input) await store.put(key, running.input, { contentType: JSON_TYPE, create: true });
    const input = await store.get(key);
    if (!input) throw storeUnavailable(new Error(`there is no ${key}`));
    const error = new AppError('SERVICE_UNAVAILABLE', 'The request came to no end.');
    const announced = this.#createEntry(running.identity, knownOf(running));
    const death = { error, spent: spentBeforeDeath(running.request.asked, running.tokensIn), latencyMs: 0 };
    await this.#commitFailure({ ...running, input: input.bytes }, death, announced, committed);
  }

  async #commitFailure(
    running: Running,
    { latencyMs, ...failure }: Failure & { readonly latencyMs: number },
    announced: Promise<void>,
    committed: OnCommitted,
  ): Promise<void> {
    const { request, identity, storage } = running;
    const { requestId } = request;
    const err = storage === 'hash' ? bareError(failure.error) : failure.error;
    // The client hears fixed words only; why a provider failed stands here or nowhere.
    this.parts.log.warn({ err, recordId: identity.id, requestId }, 'a request failed');
    try {
      committed(await this.#commit(running, { ...failureOf(request, failure), latencyMs }, announced));
    } catch (unrecorded) {
      this.parts.log.error({ err: unrecorded, recordId: identity.id }, 'a failed request could not be recorded');
    }
  }

  /** `announced` is the write of its outbox entry, which may still be under way. */
  async #commit(running: Running, outcome: Outcome, announced: Promise<void>): Promise<HistoryRecord> {
    const { identity, input, storage } = running;
    const { artifacts, output, meta, ...figures } = outcome;
    const { base } = identity;
    const outputJson = output && jsonBytes(output);
    // What lies elsewhere is a copy, as a chat's turn in its session.
    const own = artifacts.filter(({ at }) => 'path' in at);
    const artifactBytes = own.reduce((total, { bytes }) => total + bytes.length, 0);
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
      announced,
      ...artifacts.map((artifact) =>
        this.#create(artifactKey(base, artifact), artifact.bytes, artifact.contentType, ARTIFACT_TAGS),
      ),
      ...(outputJson ? [this.#create(`${base}output.json`, outputJson)] : []),
    ]);
    await this.#create(recordKey(identity), jsonBytes(record));
    return record;
  }

  /** One that is there already says the same, or more. */
  async #createEntry(identity: RecordIdentity, request: RequestUnderWay): Promise<void> {
    const { id } = identity;
    const entry: OutboxEntry = { id, record: recordKey(identity), request };
    await createObject(this.parts.store, outboxKey(id), jsonBytes(entry), { contentType: JSON_TYPE });
  }

  /** The ids are new, so what is there already should be an earlier attempt of this very write. It is looked at all the same. */
  async #create(key: string, bytes: Uint8Array, contentType = JSON_TYPE, tags?: Record<string, string>): Promise<void> {
    const found = await createObject(this.parts.store, key, bytes, { contentType, ...(tags && { tags }) });
    if (found && Buffer.compare(found, bytes) !== 0) throw creationRefused(key);
  }
}

async function underWayOf(running: Running, stored: Promise<void>): Promise<RequestUnderWay> {
  if (running.input.length <= MAX_TOLD_INPUT) return { ...knownOf(running), input: running.request.input };
  await stored;
  return knownOf(running);
}

function knownOf({ request, promptHash, tokensIn, storage }: Omit<Running, 'input'>): RequestUnderWay {
  const { userId, username, requestId, action, prompt, params, asked } = request;
  return { userId, username, requestId, action, prompt, params, asked, promptHash, tokensIn, storage };
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
