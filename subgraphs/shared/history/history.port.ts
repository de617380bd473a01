import type { EventService } from '#shared/events/usage-event.js';
import type { Addressee } from '#shared/llm/attempt.js';
import type { Provenance } from '#shared/llm/llm.port.js';
import type { PromptStorage } from './commit/prompt-policy.js';

export type LlmService = Exclude<EventService, 'gateway'>;

/** `record.json` of §4.1 of the original specification. */
export interface HistoryRecord {
  /** UUID version 7: its first 48 bits are the time of creation, which is also the date in its keys. */
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly service: LlmService;
  readonly provider: string;
  readonly model: string;
  readonly prompt: string;
  /** `sha256:` and 64 hex digits, of the prompt's UTF-8 bytes. */
  readonly promptHash: string;
  /** HTTP status of the outcome: 200, or what the failure was answered with. */
  readonly status: number;
  readonly latencyMs: number;
  readonly tokens: { readonly in: number; readonly out: number };
  readonly size: { readonly inputBytes: number; readonly outputBytes: number };
  readonly cost: { readonly usd: number | null };
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Artifact name → S3 key. */
  readonly artifacts: Readonly<Record<string, string>>;
  readonly meta: RecordMeta;
}

interface RecordMeta {
  readonly params: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly action: string;
  /** Present and true when the provider gave no token counts and we estimated them. */
  readonly tokensEstimated?: boolean;
  /** The error code of a failed request. */
  readonly error?: string;
  /** `input`, `output` and each artifact → SHA-256 of its bytes, 64 hex digits. */
  readonly sha256?: Readonly<Record<string, string>>;
  readonly [extra: string]: unknown;
}

/** A file that belongs to a request. */
export interface Artifact {
  /** Its name in `record.artifacts`, e.g. `image`. */
  readonly name: string;
  /** Where it goes: below the request's folder (`image/original.png`), or a full key built by the service. */
  readonly at: { readonly path: string } | { readonly key: string };
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** A key of the client's own that makes a request safe to repeat. */
export interface IdempotencyKey {
  /** 1 to 255 visible ASCII characters. */
  readonly key: string;
  /** What is asked for; the key stands for nothing else. */
  readonly body: object;
  /** Ends the wait for an earlier request of the same key. */
  readonly signal: AbortSignal;
  /** Told the id of an earlier request that is still under way; true when its outcome need not be waited for. CONFLICT is thrown then. */
  readonly join?: (recordId: string) => Promise<boolean>;
}

/** What a service does for one request, before anything is known of the outcome. */
export interface RecordedRequest {
  readonly userId: string;
  readonly username: string;
  readonly requestId: string;
  /** The user's own wish; the deployment's setting may be stricter. */
  readonly promptStorage: PromptStorage | undefined;
  /** `generate`, `summarize`, `message`. */
  readonly action: string;
  readonly prompt: string;
  /** `input.json` of §4.2. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Who is asked first; stands in the record when the call fails before anybody answered. */
  readonly asked: Addressee;
  readonly idempotency?: IdempotencyKey | undefined;
}

/**
 * What its process knows of a request under way, for others to end it by when that process has died. Words are in it only
 * where they are kept.
 */
export interface RequestUnderWay extends Omit<RecordedRequest, 'input' | 'idempotency' | 'promptStorage'> {
  /** Absent where it is large: it has been stored then. */
  readonly input?: RecordedRequest['input'];
  readonly promptHash: string;
  /** Tokens of the prompt by our estimate, which its hash does not tell. Absent in entries of versions before this one. */
  readonly tokensIn?: number;
  readonly storage: PromptStorage;
}

/** `outbox/{id}.json`: a request that is under way, or committed and not settled yet. */
export interface OutboxEntry {
  readonly id: string;
  /** Key of `record.json`, which commits. */
  readonly record: string;
  /** Entries of versions before this one do not have it. */
  readonly request?: RequestUnderWay;
}

/** What came of it. */
export interface Produced {
  readonly provenance: Provenance;
  /** `output.json`, where the service has one. */
  readonly output?: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly Artifact[];
  /** Joins `record.meta`. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Identity of the request being recorded, for services that build keys of their own. */
export interface RecordIdentity {
  readonly id: string;
  readonly createdAt: Date;
  /** `requests/{yyyy}/{mm}/{dd}/{id}/` */
  readonly base: string;
}

/** Which requests a list is to have; what is absent or null says nothing. */
export interface RecordFilter {
  /** Both ends included. */
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly status?: number | null;
  /** Whether the status is 400 or above. */
  readonly failed?: boolean | null;
}

export interface HistoryPageOrder {
  readonly first: number;
  /** The id that the page before ended with. */
  readonly after?: string | null;
  readonly filter?: RecordFilter | null;
}

/** Does what was requested. `underWay` may wait for the store, and throw what that throws. */
export type Produce = (identity: RecordIdentity, underWay: () => Promise<RequestUnderWay>) => Promise<Produced>;

/** One page of a user's history, newest first. */
export interface HistoryPage {
  readonly ids: readonly string[];
  readonly hasNextPage: boolean;
}

/** The history of one service: its bucket, and the commit protocol on it. */
export interface History {
  readonly service: LlmService;
  /**
   * Runs one request under the commit protocol: `input.json` and the outbox entry, and beside them `produce`, then artifacts and
   * `output.json`, and when all of these are there `record.json`, which commits. One whose process dies under way is given the
   * record of a failure by a later sweep; what the provider charges for it is unknown then.
   * When `produce` throws, a record with the failure's status is committed and the error is thrown on. Throws
   * SERVICE_UNAVAILABLE when the store does not take all of it; where it takes a failure after that, one is committed.
   *
   * With an idempotency key that already led to an answer, that answer's record is returned and nothing is run. One that is
   * being worked on is waited for. Throws IDEMPOTENCY_KEY_REUSED where the key came with another body, CONFLICT when the
   * wait is too long.
   */
  run(request: RecordedRequest, produce: Produce): Promise<HistoryRecord>;
  /**
   * The record of a request whose process has died: its own, where it has one after all, or that of a failure, which is
   * committed here, once, however many do so. Throws SERVICE_UNAVAILABLE when the store does not answer.
   */
  close(id: string, underWay: RequestUnderWay): Promise<HistoryRecord | null>;
  /** The record by id; null when there is none. Says nothing about who may see it. */
  find(id: string): Promise<HistoryRecord | null>;
  /** Ids of a user's requests, newest first. Throws BAD_USER_INPUT for a cursor that is none, and a span that ends before it begins. */
  list(userId: string, page: HistoryPageOrder): Promise<HistoryPage>;
  /** A URL that lets anybody who holds it download the object for `expiresInSec` (300–600) seconds. */
  signedUrl(key: string, options: { expiresInSec: number; contentType: string; filename: string }): Promise<string>;
}
