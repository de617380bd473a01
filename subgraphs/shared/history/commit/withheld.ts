import type { Artifact, HistoryRecord, Produced, RecordedRequest } from '../history.port.js';
import { jsonBytes } from '../store/json-object.js';
import { sha256Hex } from './sha256.js';

/** What of JSON is never anybody's words. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(['id', 'sessionId', 'createdAt', 'role', 'finishReason']);

/** A record as the request that made it gets it. */
export interface Recorded extends HistoryRecord {
  /** Its text files by the names of their artifacts, as they were made: the store may have only their hashes. Absent without any. */
  readonly texts?: ReadonlyMap<string, string>;
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

/** What came of it, without its words: an answer may repeat what was asked. Pictures are kept; texts are hashes. */
export function withoutAnswers(produced: Produced, { params }: RecordedRequest): Produced {
  const kept = textsIn(params);
  const artifacts = produced.artifacts.map((artifact) => redactedFile(artifact, kept));
  const { output } = produced;
  const rest = output && { output: redacted(output, kept) as NonNullable<Produced['output']> };
  return { ...produced, artifacts, ...rest };
}

/** See {@link Recorded}. */
export function textsOf({ artifacts }: Produced): Pick<Recorded, 'texts'> {
  const files = artifacts.filter(isText);
  return files.length > 0 ? { texts: new Map(files.map((file) => [file.name, textOf(file)])) } : {};
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

function redactedFile(file: Artifact, kept: ReadonlySet<string>): Artifact {
  if (!isText(file)) return file;
  const text = textOf(file);
  return {
    ...file,
    bytes: isJson(file) ? jsonBytes(redacted(JSON.parse(text), kept)) : Buffer.from(`${hashOf(text)}\n`),
  };
}

function isText(file: Artifact): boolean {
  return isJson(file) || file.contentType.startsWith('text/');
}

function isJson({ contentType }: Artifact): boolean {
  return contentType.startsWith('application/json');
}

function textOf({ bytes }: Artifact): string {
  return Buffer.from(bytes).toString('utf8');
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
