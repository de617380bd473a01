import { isLostConnection, namesOnly, wasNeverSent } from '#shared/errors/failure-cause.js';
import { abortError } from '../cancellation.js';
import type { TokenUsage } from '../llm.port.js';
import { ProviderError } from '../provider-error.js';
import type { RemoteSettings } from './remote.js';

/** A call that ended without an answer that can be read: it was aborted, its connection was lost, or garbage came. */
export function brokenCall(error: unknown, signal: AbortSignal): ProviderError {
  const mayBeCharged = !wasNeverSent(error);
  if (signal.aborted) return abortError(signal, { mayBeCharged });
  return new ProviderError(isLostConnection(error) ? 'transient' : 'unusable', {
    mayBeCharged,
    cause: namesOnly(error),
  });
}

/**
 * The failure of a call, with what that is taken to have cost:
 * nothing, where the provider answered with an error (429 and other 4xx, and 5xx too: answers are charged for, errors are not), where
 * nothing was sent (no connection, an open circuit breaker), and where the model runs on our own machine;
 * what its usage says, where it was answered and the answer is of no use (no text, no picture);
 * nobody knows (`costUsd: null`, tokens by our own estimate), where it was sent and came to no whole answer: it was cut off, timed
 * out, was cancelled, brought garbage, or did not say its usage; but nothing, where all that the model is asked for is free.
 */
export async function withSpending(
  failure: unknown,
  { provider, prices }: Pick<RemoteSettings, 'provider' | 'prices'>,
  { model, tokens }: { readonly model: string; readonly tokens: TokenUsage },
): Promise<unknown> {
  if (failure instanceof ProviderError && failure.mayBeCharged) {
    failure.spent ??= { tokens, costUsd: await prices.ofUnknownUse({ provider, models: [model] }) };
  }
  return failure;
}
