import { ProviderError, type Fault, type ProviderErrorOptions } from './provider-error.js';

/** By the names of their reasons: a DOMException is no Error of every realm. */
const FAULTS: Readonly<Record<string, Fault>> = { TimeoutError: 'timeout', ServiceStopping: 'stopping' };

/**
 * Why a call was ended, as a client may hear it: UPSTREAM_TIMEOUT when its deadline passed, SERVICE_UNAVAILABLE when this process
 * is stopping, CLIENT_CLOSED_REQUEST when the client left.
 */
export function abortError(
  signal: AbortSignal,
  options: Pick<ProviderErrorOptions, 'mayBeCharged'> = {},
): ProviderError {
  const { reason } = signal as { reason: unknown };
  const name = String((reason as { name?: unknown } | undefined)?.name);
  return new ProviderError(FAULTS[name] ?? 'cancelled', { ...options, cause: reason });
}

/** Lets other work run in between, and ends here when the call was aborted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw abortError(signal);
}

/** Waits for `work` until the call is aborted; then the work goes on, unheard. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(abortError(signal));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}
