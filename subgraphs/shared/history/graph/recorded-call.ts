import type { RequestContext } from '#shared/context/request-context.js';
import { userCallOf, type UserCall } from '#shared/context/user-call.js';
import type { IdempotencyKey } from '../history.port.js';

/** A signed-in user's request for something that is recorded. */
export interface RecordedCall extends UserCall {
  readonly idempotency?: IdempotencyKey;
}

/** Throws UNAUTHENTICATED unless a user is signed in. */
export function recordedCallOf(input: { idempotencyKey?: string | null }, context: RequestContext): RecordedCall {
  const { idempotencyKey: key, ...body } = input;
  const call = userCallOf(context);
  return key == null ? call : { ...call, idempotency: { key, body, signal: context.signal } };
}
