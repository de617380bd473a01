import type { StreamHead } from './stream-log.port.js';

/** What a string costs apart from its characters, and its place in a list. */
export const STRING_BYTES = 32;

/** What a text takes in memory, in bytes, at most: two for each UTF-16 unit. Small chunks are mostly overhead. */
export function textBytes(text: string): number {
  return STRING_BYTES + 2 * text.length;
}

/** How large a stream may grow by default: some 100,000 tokens, each a chunk. */
export const MAX_STREAM_BYTES = 4 * 1024 * 1024;

/** How large a log in memory may grow by default: some 1,300 answers at a time. */
export const MEMORY_LOG_BYTES = 128 * 1024 * 1024;

/** What a stream takes before its first text, apart from what its head says of it. */
export const EMPTY_STREAM_BYTES = 1024;

/** What a stream takes in memory before its first text. */
export function headBytes({ about }: StreamHead): number {
  return EMPTY_STREAM_BYTES + (about ? textBytes(JSON.stringify(about)) : 0);
}
