import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { Attempt, ModelRef } from '../attempt.js';
import { abortError } from '../cancellation.js';
import type { Answerer, CallOptions, CallOrigin, Provenance, Spending } from '../llm.port.js';
import { noteAttempts } from '../failed-attempts.js';
import { ProviderError } from '../provider-error.js';
import { totalSpending } from '../spending.js';
import { CallListener, ListenerFailure } from './call-listener.js';
import { CircuitBreakers, CircuitOpen } from './circuit-breakers.js';
import type { Clock } from './clock.js';
import { pauseBeforeRetry } from './retry.js';

/** Somebody who may answer. */
export interface Candidate<Answer> extends ModelRef {
  readonly isInstant: boolean;
  call(options: CallOptions): Promise<Answer>;
}

export interface FallbackParts {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** How long all of it may take where a call brings no deadline of its own. */
  readonly timeoutMs: number;
  /** How often one provider is asked again. */
  readonly maxRetries: number;
}

/** How much of the time one that is instant is kept, in shares of one that is not. */
const INSTANT_SHARE = 0.1;

/** One call as it goes from provider to provider. */
interface Round {
  readonly client: AbortSignal;
  readonly origin: CallOrigin | undefined;
  readonly attempts: Attempt[];
  /** By calls that failed, where they took anything. */
  readonly spent: Spending[];
  readonly onDelta?: (text: string) => Promise<void>;
  /** A piece of an answer has reached the client: another answer cannot follow it. */
  wasHeard: boolean;
}

/** The time that one provider has. */
interface Turn {
  readonly until: number;
  readonly hasNext: boolean;
}

/**
 * Asks providers in their order until one answers. The deadline is shared: each may take what is left, divided by those who still
 * could answer, so that one that is silent leaves time for the next. Failures that may pass are tried again.
 * Throws the last failure, with everything that was tried in `attempts`; at once when the client left, and what the listener of
 * an answer throws, which is no failure of a provider's.
 */
export class Fallback {
  readonly #breakers = new CircuitBreakers();

  constructor(private readonly parts: FallbackParts) {}

  async run<Answer extends Provenance>(
    candidates: readonly Candidate<Answer>[],
    { signal, deadlineAt, onDelta, origin }: CallOptions,
  ): Promise<Answer> {
    const { clock, timeoutMs } = this.parts;
    const end = deadlineAt ?? clock.now() + timeoutMs;
    const known = { client: signal, origin, ...(onDelta && { onDelta }) };
    const round: Round = { ...known, attempts: [], spent: [], wasHeard: false };
    let failure = new ProviderError('unusable', { cause: new Error('no provider could be asked') });
    for (const [at, candidate] of candidates.entries()) {
      const rest = candidates.slice(at + 1);
      const until = clock.now() + (end - clock.now()) * partOf(candidate, rest);
      try {
        const answer = await this.#ask(candidate, round, { until, hasNext: rest.length > 0 });
        const { spent, attempts } = round;
        return { ...answer, ...(spent.length > 0 && totalSpending([...spent, answer])), attempts };
      } catch (error) {
        if (error instanceof ListenerFailure) {
          noteAttempts(error.cause, { attempts: round.attempts, spent: spentBy(round) });
          throw error.cause;
        }
        if (error instanceof ProviderError) failure = error;
        else if (!(error instanceof CircuitOpen)) throw error;
      }
      if (signal.aborted || round.wasHeard) break;
    }
    failure.attempts = round.attempts;
    failure.spent = spentBy(round);
    throw failure;
  }

  /** Throws a ProviderError, CircuitOpen where it was not asked (again), or a ListenerFailure. */
  async #ask<Answer extends Provenance>(candidate: Candidate<Answer>, round: Round, turn: Turn): Promise<Answer> {
    const { clock, maxRetries } = this.parts;
    let failure: ProviderError | undefined;
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#once(candidate, round, turn);
      } catch (error) {
        if (error instanceof CircuitOpen) throw failure ?? error;
        if (!(error instanceof ProviderError)) throw error;
        if (round.client.aborted || round.wasHeard) throw error;
        failure = error;
        const leftMs = turn.until - clock.now();
        const terms = { retries, maxRetries, leftMs, hasNext: turn.hasNext, random: () => clock.random() };
        const pauseMs = pauseBeforeRetry(error, terms);
        if (pauseMs === null) throw error;
        await clock.sleep(pauseMs, round.client).catch(() => {
          throw abortError(round.client);
        });
      }
    }
  }

  async #once<Answer extends Provenance>(
    { provider, model, call }: Candidate<Answer>,
    round: Round,
    { until }: Turn,
  ): Promise<Answer> {
    const { clock } = this.parts;
    const { client, attempts } = round;
    const startedAt = clock.now();
    const took = (): number => Math.max(0, Math.round(clock.now() - startedAt));
    const time = clock.timeout(Math.max(0, Math.floor(until - startedAt)));
    const listener = round.onDelta && new CallListener(round.onDelta, () => (round.wasHeard = true));
    const signal = AbortSignal.any([client, time, ...(listener ? [listener.refused] : [])]);
    try {
      const answer = await this.#breakers.run({ provider, model }, async () => {
        if (signal.aborted) throw abortError(signal);
        const options = { signal, deadlineAt: until, ...(listener && { onDelta: listener.onDelta }) };
        return call(options).catch((error: unknown) => {
          const failure = providerErrorOf(error, signal);
          if (failure.spent) round.spent.push(failure.spent);
          // To the breaker the provider did well: a piece came.
          if (listener?.failure && !client.aborted) return listener.failure;
          throw failure;
        });
      });
      if (answer instanceof ListenerFailure) throw answer;
      attempts.push({ provider: answer.provider, model: answer.model, outcome: 'ok', latencyMs: took() });
      return answer;
    } catch (error) {
      this.#note(error, { provider, model }, round, took());
      throw error;
    }
  }

  #note(error: unknown, ref: ModelRef, { attempts, origin }: Round, latencyMs: number): void {
    const { log } = this.parts;
    if (error instanceof ProviderError) {
      const { code, status } = error;
      attempts.push({ ...ref, outcome: code, ...(status !== undefined && { status }), latencyMs });
      // When the next one answers, this is the only place that tells why the first did not.
      log.warn({ err: error, ...ref, latencyMs, ...origin }, 'a provider failed');
    } else if (error instanceof ListenerFailure) {
      const { cause } = error;
      const outcome = cause instanceof AppError ? cause.code : 'INTERNAL_SERVER_ERROR';
      attempts.push({ ...ref, outcome, latencyMs });
      log.warn({ err: cause, ...ref, latencyMs, ...origin }, 'an answer could not be handed on');
    } else if (error instanceof CircuitOpen) attempts.push({ ...ref, outcome: 'skipped', latencyMs });
  }
}

/** Several models of one kind, of which the first that answers is heard. To others it is the first of them. */
export abstract class FallbackModel<Model extends Answerer> implements Answerer {
  constructor(
    protected readonly models: readonly [Model, ...Model[]],
    protected readonly fallback: Fallback,
  ) {}

  get provider(): string {
    return this.models[0].provider;
  }

  get defaultModel(): string {
    return this.models[0].defaultModel;
  }

  get isAlone(): boolean {
    return this.models.length === 1;
  }
}

export function candidateOf<Answer>(
  { provider, isInstant = false }: Answerer,
  model: string,
  call: (options: CallOptions) => Promise<Answer>,
): Candidate<Answer> {
  return { provider, model, isInstant, call };
}

/** What calls in vain took; undefined for nothing. */
function spentBy({ spent }: Round): Spending | undefined {
  return spent.length > 0 ? totalSpending(spent) : undefined;
}

function providerErrorOf(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  return signal.aborted ? abortError(signal) : new ProviderError('unusable', { cause: error });
}

/** What part of the time that is left one may take, when others are still to come. */
function partOf(one: Candidate<unknown>, others: readonly Candidate<unknown>[]): number {
  return shareOf(one) / [one, ...others].reduce((sum, each) => sum + shareOf(each), 0);
}

function shareOf({ isInstant }: Candidate<unknown>): number {
  return isInstant ? INSTANT_SHARE : 1;
}
