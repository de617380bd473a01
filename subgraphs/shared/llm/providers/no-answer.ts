import { ProviderError, type ProviderErrorOptions } from '../provider-error.js';

/** Endings that are about the one request: the provider did as it was asked, so its circuit breaker does not count them. */
const ABOUT_THE_REQUEST: ReadonlySet<string> = new Set(['content-filter', 'length']);

/** An answer ended without a word. */
export function noAnswer(
  finishReason: string,
  options: Pick<ProviderErrorOptions, 'mayBeCharged' | 'spent'>,
): ProviderError {
  const fault = ABOUT_THE_REQUEST.has(finishReason) ? 'refused' : 'unusable';
  return new ProviderError(fault, { ...options, message: 'The model gave no answer.' });
}
