import { AppError } from '#shared/errors/app-error.js';

/** Why a call was ended, as a client may hear it: its deadline passed, or the client left. */
export function abortError(signal: AbortSignal): AppError {
  const { reason } = signal as { reason: unknown };
  // By name: a DOMException is no Error of every realm.
  if ((reason as { name?: unknown } | undefined)?.name === 'TimeoutError') {
    return new AppError('UPSTREAM_TIMEOUT', 'The model did not answer in time.', { cause: reason });
  }
  return new AppError('UPSTREAM_ERROR', 'The request was cancelled.', { cause: reason });
}

/** Lets other work run in between, and ends here when the call was aborted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw abortError(signal);
}
