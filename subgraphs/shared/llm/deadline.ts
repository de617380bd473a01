import type { CallOptions, CallOrigin } from './llm.port.js';

/** A call that ends when the client leaves or `timeoutMs` from now, whichever is first. Retries and fallbacks share that time. */
export function callWithin(
  timeoutMs: number,
  client: AbortSignal,
  origin: CallOrigin,
): Required<Pick<CallOptions, 'signal' | 'deadlineAt' | 'origin'>> {
  return {
    signal: AbortSignal.any([client, AbortSignal.timeout(timeoutMs)]),
    deadlineAt: performance.now() + timeoutMs,
    origin,
  };
}
