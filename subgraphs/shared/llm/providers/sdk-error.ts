import { APICallError } from 'ai';
import { faultOfStatus, ProviderError } from '../provider-error.js';
import { namesOnly } from '#shared/errors/failure-cause.js';
import { brokenCall } from './broken-call.js';
import { retryAfterMs } from './retry-after.js';

/** What an error of the AI SDK means for a call. */
export function sdkError(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  if (APICallError.isInstance(error) && status !== undefined && status >= 400 && !signal.aborted) {
    const headers = error.responseHeaders ?? {};
    return new ProviderError(faultOfStatus(status), {
      status,
      retryAfterMs: retryAfterMs((name) => headers[name], Date.now()),
      cause: namesOnly(error, [`HTTP ${status}`, ...codesOf(error.data)]),
    });
  }
  return brokenCall(error, signal);
}

const NOT_SUPPORTED: ReadonlySet<unknown> = new Set(['unsupported_parameter', 'unknown_parameter']);

/** The parameter of a request that was refused because its model, or its server, does not know it. */
export function unsupportedParameter(error: unknown): string | undefined {
  if (!APICallError.isInstance(error) || error.statusCode !== 400) return undefined;
  const { error: said } = (error.data ?? {}) as {
    readonly error?: { readonly code?: unknown; readonly param?: unknown };
  };
  return NOT_SUPPORTED.has(said?.code) && typeof said?.param === 'string' ? said.param : undefined;
}

/** What OpenAI's errors are called, such as `model_not_found`; their words may repeat the prompt. */
function codesOf(data: unknown): string[] {
  const { error } = (data ?? {}) as { readonly error?: { readonly code?: unknown; readonly type?: unknown } };
  return [error?.code, error?.type].filter(
    (code): code is string => typeof code === 'string' && /^[\w.-]{1,64}$/.test(code),
  );
}
