/**
 * The closed set of error codes a client can ever see, by GraphQL (`extensions.code`) or REST (`code` of the problem document).
 * Where Apollo Server has a name for the case, it is that name. `http` is the status of the REST answer; `retryable` tells
 * a client whether the same request may succeed later.
 */
export const ERROR_CODES = {
  GRAPHQL_PARSE_FAILED: { http: 400, retryable: false, title: 'The GraphQL document could not be parsed' },
  GRAPHQL_VALIDATION_FAILED: { http: 400, retryable: false, title: 'The GraphQL document is not valid' },
  QUERY_TOO_COMPLEX: { http: 400, retryable: false, title: 'The GraphQL document is too large to answer' },
  OPERATION_RESOLUTION_FAILURE: { http: 400, retryable: false, title: 'The operation to run is not clear' },
  BAD_REQUEST: { http: 400, retryable: false, title: 'The request is malformed' },
  BAD_USER_INPUT: { http: 400, retryable: false, title: 'The input is not valid' },
  UNAUTHENTICATED: { http: 401, retryable: false, title: 'Not authenticated' },
  FORBIDDEN: { http: 403, retryable: false, title: 'Not allowed' },
  NOT_FOUND: { http: 404, retryable: false, title: 'Not found' },
  METHOD_NOT_ALLOWED: { http: 405, retryable: false, title: 'Method not allowed' },
  CONFLICT: { http: 409, retryable: false, title: 'Conflict' },
  PAYLOAD_TOO_LARGE: { http: 413, retryable: false, title: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { http: 415, retryable: false, title: 'Unsupported media type' },
  IDEMPOTENCY_KEY_REUSED: { http: 422, retryable: false, title: 'The idempotency key belongs to another request' },
  RATE_LIMITED: { http: 429, retryable: true, title: 'Too many requests' },
  CLIENT_CLOSED_REQUEST: { http: 499, retryable: true, title: 'The client left before the answer' },
  INTERNAL_SERVER_ERROR: { http: 500, retryable: false, title: 'Internal error' },
  UPSTREAM_ERROR: { http: 502, retryable: true, title: 'The model provider failed' },
  SERVICE_UNAVAILABLE: { http: 503, retryable: true, title: 'Temporarily unavailable' },
  UPSTREAM_TIMEOUT: { http: 504, retryable: true, title: 'The model provider took too long' },
} as const satisfies Record<string, { http: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
