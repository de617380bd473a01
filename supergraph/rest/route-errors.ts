import { ERROR_CODES, type ErrorCode } from '#shared/errors/error-codes.js';
import { IDEMPOTENCY_HEADERS } from './idempotency.js';
import type { RestRoute } from './route.js';

/** A status that a route may answer with instead of success, and the codes that it stands for. */
export interface RouteError {
  readonly status: number;
  readonly codes: readonly ErrorCode[];
}

/** What a route may be refused with, by status: what follows from its parts, and what only the route itself knows. */
export function routeErrors(route: RestRoute): RouteError[] {
  const codes = new Set<ErrorCode>(['BAD_USER_INPUT', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE', ...(route.errors ?? [])]);
  if (route.access === 'user') codes.add('UNAUTHENTICATED');
  if (route.path.includes(':')) codes.add('NOT_FOUND');
  if (route.body) for (const code of OF_A_BODY) codes.add(code);
  if (IDEMPOTENCY_HEADERS.every((header) => route.headers?.includes(header))) {
    for (const code of OF_A_MODEL) codes.add(code);
  }
  const listed = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => codes.has(code));
  return [...Map.groupBy(listed, (code) => ERROR_CODES[code].http)]
    .map(([status, of]) => ({ status, codes: of }))
    .toSorted((one, other) => one.status - other.status);
}

const OF_A_BODY: readonly ErrorCode[] = ['BAD_REQUEST', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

/** The routes that call a model are those that are safe to repeat by a key. */
const OF_A_MODEL: readonly ErrorCode[] = ['CONFLICT', 'IDEMPOTENCY_KEY_REUSED', 'UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT'];
