import { GraphQLError, parse, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { AppError } from '#shared/errors/app-error.js';
import { exceededLimit } from './document-limits.js';
import { hasConditionalRoot } from './subscription-roots.js';

/** A document of more tokens than this is refused while it is being read. */
export const MAX_TOKENS = 5_000;
const MAX_DOCUMENT_BYTES = 64 * 1024;
const TOO_DEEP = 'The GraphQL document is nested too deeply.';
const CONDITIONAL_ROOT = 'The root field of a subscription may carry neither "@skip" nor "@include".';
const REMEMBERED_DOCUMENTS = 1_000;
const MAX_REMEMBERED_LENGTH = 8 * 1024;

/**
 * Looks at a GraphQL document before anything else does, at a cost in proportion to its length: validation and planning
 * are where a hostile document would take its time. Throws PAYLOAD_TOO_LARGE, QUERY_TOO_COMPLEX, or
 * GRAPHQL_VALIDATION_FAILED for what graphql-js cannot validate; what else is malformed passes, to be explained by whoever
 * validates it.
 */
export class DocumentGuard {
  readonly #passed = new LRUCache<string, true>({ max: REMEMBERED_DOCUMENTS });

  assertAdmissible(source: string): void {
    if (this.#passed.get(source)) return;
    if (Buffer.byteLength(source) > MAX_DOCUMENT_BYTES) {
      throw new AppError('PAYLOAD_TOO_LARGE', `A GraphQL document may have at most ${MAX_DOCUMENT_BYTES} bytes.`);
    }
    const document = parsed(source);
    const exceeded = document && exceededLimit(document);
    if (exceeded) throw new AppError('QUERY_TOO_COMPLEX', exceeded);
    if (document && hasConditionalRoot(document)) throw new AppError('GRAPHQL_VALIDATION_FAILED', CONDITIONAL_ROOT);
    if (document && source.length <= MAX_REMEMBERED_LENGTH) this.#passed.set(source, true);
  }
}

function parsed(source: string): DocumentNode | null {
  try {
    return parse(source, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError && /more that? \d+ tokens/.test(error.message)) {
      throw new AppError('QUERY_TOO_COMPLEX', `A GraphQL document may have at most ${MAX_TOKENS} tokens.`);
    }
    // The parser calls itself for each level, and so runs out of stack.
    if (!(error instanceof GraphQLError)) throw new AppError('QUERY_TOO_COMPLEX', TOO_DEEP, { cause: error });
    return null;
  }
}
