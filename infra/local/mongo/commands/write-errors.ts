import { toMongoError } from '../aggregate/library-error.js';
import type { Document } from '../values/document.js';

/**
 * Runs the parts of a bulk write one after the other. An ordered one (the default) stops at the first error, another
 * goes on; either way each error is told by the place of its part.
 */
export function runEach<T, R>(
  parts: readonly T[],
  ordered: unknown,
  run: (part: T, index: number) => R,
): { done: R[]; writeErrors: Document[] } {
  const done: R[] = [];
  const writeErrors: Document[] = [];
  for (const [index, part] of parts.entries()) {
    try {
      done.push(run(part, index));
    } catch (error) {
      const { code, message, more } = toMongoError(error);
      writeErrors.push({ index, code, ...more, errmsg: message });
      if (ordered !== false) break;
    }
  }
  return { done, writeErrors };
}

export function writeReply(reply: Document, writeErrors: readonly Document[]): Document {
  return { ...reply, ...(writeErrors.length > 0 && { writeErrors }), ok: 1 };
}
