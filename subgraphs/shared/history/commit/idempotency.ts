import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, failureOf } from '#shared/errors/app-error.js';
import { abortError } from '#shared/llm/cancellation.js';
import { canonicalJson } from './canonical-json.js';
import type { HistoryRecord, IdempotencyKey, RecordedRequest, RecordIdentity } from '../history.port.js';
import { JSON_TYPE, jsonBytes, readJson } from '../store/json-object.js';
import { claimKey, identityOf, newIdentity } from '../keys.js';
import type { ObjectStore } from '../store/object-store.port.js';
import type { Begun } from './recorder.js';
import { sha256Hex } from './sha256.js';

export interface ClaimsParts {
  readonly store: ObjectStore;
  readonly now: () => Date;
  /** After so long a claimed request without an outcome is taken for dead. Longer than any request takes. */
  readonly takeOverAfterMs: number;
  find(id: string): Promise<HistoryRecord | null>;
  /** See `Recorder.close`. */
  close(begun: Begun): Promise<void>;
}

/** `idempotency/{userId}/{sha256 of the key}.json` */
interface Claim {
  readonly recordId: string;
  /** SHA-256 of what was asked for. */
  readonly bodyHash: string;
  readonly claimedAt: string;
}

type Run = (identity: RecordIdentity) => Promise<HistoryRecord>;

/** What says nothing of the request itself: its client left (499), or its process died, was stopped, or lost its store (503). */
const CIRCUMSTANCES: ReadonlySet<number> = new Set([499, 503]);
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** About a minute, which is shorter than the supergraph waits for a subgraph. */
const MOST_TURNS = 80;

/**
 * Idempotency keys, across all replicas: a key is claimed by an object that can be created once, and whoever does runs the
 * request. Others wait for its record, and answer with it. A key whose request failed or died may be claimed anew.
 */
export class IdempotencyClaims {
  constructor(private readonly parts: ClaimsParts) {}

  /** See `History.run`. */
  async once(request: RecordedRequest, idempotency: IdempotencyKey, run: Run): Promise<HistoryRecord> {
    const { store, now } = this.parts;
    const identity = newIdentity(now());
    const bodyHash = sha256Hex(Buffer.from(canonicalJson(idempotency.body)));
    const key = claimKey(request.userId, idempotency.key);
    const begin = (): Promise<HistoryRecord> => this.#begin({ request, identity }, run);
    const claim = (): Uint8Array =>
      jsonBytes({ recordId: identity.id, bodyHash, claimedAt: now().toISOString() } satisfies Claim);
    if (await store.put(key, claim(), { contentType: JSON_TYPE, create: true })) return begin();
    let waitedFor: string | undefined;
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      if (turn > 0) await pause(turn, idempotency.signal);
      const found = await readJson(store, key);
      const theirs = found && (found.value as Claim);
      // The store may say that a write was refused which it carried out, when the client library repeated it.
      if (theirs?.recordId === identity.id) return begin();
      if (theirs && theirs.bodyHash !== bodyHash) throw reused();
      const outcome = theirs && (await this.#outcome(theirs, request));
      if (outcome === 'pending') {
        waitedFor = theirs?.recordId;
        if (waitedFor !== undefined && (await idempotency.join?.(waitedFor))) throw underWay();
        continue;
      }
      if (outcome && outcome.status < 400) return outcome;
      // One that was waited for is one request with this one: one call, one outcome. Unless that is not of its own making.
      if (outcome && outcome.id === waitedFor && !CIRCUMSTANCES.has(outcome.status))
        throw failureOf(outcome.meta.error);
      const condition = found ? { ifMatch: found.etag } : { create: true };
      if (await store.put(key, claim(), { contentType: JSON_TYPE, ...condition })) return begin();
    }
    throw underWay();
  }

  async #begin(begun: Begun, run: Run): Promise<HistoryRecord> {
    try {
      return await run(begun.identity);
    } catch (error) {
      // Where not even the failure was recorded, whoever asks again would wait for an outcome that never comes.
      await this.parts.close(begun).catch(() => undefined);
      throw error;
    }
  }

  /** The record of a claimed request, which for a dead one is made here. */
  async #outcome({ recordId, claimedAt }: Claim, request: RecordedRequest): Promise<HistoryRecord | 'pending' | null> {
    const { find, close, now, takeOverAfterMs } = this.parts;
    const record = await find(recordId);
    if (record) return record;
    if (now().getTime() - Date.parse(claimedAt) < takeOverAfterMs) return 'pending';
    const identity = identityOf(recordId);
    if (!identity) return null;
    await close({ request, identity });
    return find(recordId);
  }
}

/** The pauses grow. Throws when the client left. */
async function pause(turn: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (turn - 1));
  await sleep(ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {
    throw abortError(signal);
  });
}

function underWay(): AppError {
  return new AppError('CONFLICT', 'The request with this idempotency key is still being worked on. Ask again later.');
}

function reused(): AppError {
  return new AppError('IDEMPOTENCY_KEY_REUSED', 'This idempotency key came with another input before. Use a new one.');
}
