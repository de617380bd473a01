import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { formattedErrorOf, publicErrorOf } from '#shared/errors/public-error.js';
import type { DocumentGuard } from './document-guard.js';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** Refuses a document that is too large to look at, in the form of a GraphQL response. */
export function guardDocuments(guard: DocumentGuard) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> => {
    const { query } = (request.method === 'GET' ? request.query : (request.body ?? {})) as { query?: unknown };
    if (typeof query !== 'string') return;
    try {
      guard.assertAdmissible(query);
    } catch (error) {
      const found = publicErrorOf(error);
      const type = request.headers.accept?.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json';
      return reply
        .code(ERROR_CODES[found.code].http)
        .type(`${type}; charset=utf-8`)
        .send({ errors: [formattedErrorOf({ message: found.message }, found)] });
    }
  };
}
