import { APICallError, TypeValidationError } from 'ai';
import { namesOnly } from '#shared/errors/failure-cause.js';
import { faultOfStatus, ProviderError } from '../provider-error.js';

/**
 * An error that a provider sent in place of an answer, below a status of 200, such as `{"error":{"message":"…","code":429}}`: as good
 * as that status. Undefined for one without a status of its own, and for all other errors. Gateways fail so (OpenRouter, LiteLLM),
 * and servers that begin a stream before they know.
 */
export function errorWithinAnswer(thrown: unknown): ProviderError | undefined {
  const { code, status: named } = asRecord(sentIn(thrown));
  const status = statusOf(code) ?? statusOf(named);
  if (status === undefined) return undefined;
  return new ProviderError(faultOfStatus(status), {
    status,
    cause: namesOnly(undefined, [`error ${status} in a 200`]),
  });
}

/** What stands at `error` in the answer: in a stream the SDK throws that itself, and else the answer that it could not make sense of. */
function sentIn(thrown: unknown): unknown {
  const cause = APICallError.isInstance(thrown) ? thrown.cause : thrown;
  return TypeValidationError.isInstance(cause) ? asRecord(cause.value)['error'] : cause;
}

function statusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
