import type { Artifact, HistoryRecord, Produced, RecordedRequest } from './history.port.js';
import { jsonBytes } from './json-object.js';
import { sha256Hex } from './sha256.js';

/** What of JSON is never anybody's words. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(['id', 'sessionId', 'createdAt', 'role', 'finishReason']);

/** A record as the request that made it gets it. */
export interface Recorded extends HistoryRecord {
  /** Files by the names of their artifacts, where the store has only hashes of what is said in them. */
  readonly withheld?: ReadonlyMap<string, Uint8Array>;
}

export function hashOf(text: string): string {
  return `sha256:${sha256Hex(text)}`;
}

/**
 * A request without its words: each text of the input is its hash, unless it is one of the parameters too. What a service may add
 * to its input some day is thereby a secret until it says that it is none.
 */
export function withoutWords(request: RecordedRequest): RecordedRequest {
  const input = redacted(request.input, textsIn(request.params)) as RecordedRequest['input'];
  return { ...request, prompt: hashOf(request.prompt), input };
}

/**
 * What came of it, without its words: an answer may repeat what was asked. Pictures are kept; texts are hashes, and apart
 * from them, for the reply, what they were.
 */
export function withoutAnswers(
  produced: Produced,
  { params }: RecordedRequest,
): { produced: Produced; withheld: ReadonlyMap<string, Uint8Array> } {
  const withheld = new Map<string, Uint8Array>();
  const artifacts = produced.artifacts.map((artifact): Artifact => {
    const bytes = redactedFile(artifact, textsIn(params));
    if (bytes === null) return artifact;
    withheld.set(artifact.name, artifact.bytes);
    return { ...artifact, bytes };
  });
  const { output } = produced;
  const kept = output && { output: redacted(output, textsIn(params)) as NonNullable<Produced['output']> };
  return { produced: { ...produced, artifacts, ...kept }, withheld };
}

/** What the log may say of a failure: kinds and codes. Messages may quote what was asked. */
export function bareError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, status } = error as { code?: unknown; status?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    ...(typeof status === 'number' && { status }),
    ...(error.cause !== undefined && { cause: bareError(error.cause) }),
  };
}

function redactedFile({ contentType, bytes }: Artifact, kept: ReadonlySet<string>): Uint8Array | null {
  const text = (): string => Buffer.from(bytes).toString('utf8');
  if (contentType.startsWith('application/json')) return jsonBytes(redacted(JSON.parse(text()), kept));
  return contentType.startsWith('text/') ? Buffer.from(`${hashOf(text())}\n`) : null;
}

function redacted(value: unknown, kept: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return kept.has(value) ? value : hashOf(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, kept));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    KEPT_FIELDS.has(name) && typeof inner === 'string' ? inner : redacted(inner, kept),
  ]);
  return Object.fromEntries(entries);
}

function textsIn(params: RecordedRequest['params']): ReadonlySet<string> {
  return new Set(Object.values(params).filter((value) => typeof value === 'string'));
}
