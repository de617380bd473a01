import { AppError } from '#shared/errors/app-error.js';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { publicErrorOf } from '#shared/errors/public-error.js';
import type { Addressee } from '#shared/llm/attempt.js';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
import type { Provenance, Spending } from '#shared/llm/llm.port.js';
import { LOCAL_PROVIDER } from '#shared/llm/local/local-provider.js';
import type { Artifact, HistoryRecord, Produced, RecordedRequest } from '../history.port.js';

const NOTHING_SPENT: Spending = { tokens: { in: 0, out: 0, estimated: false }, costUsd: 0 };

/** What of a record is known only when the request has come to its end. */
export type Outcome = Pick<
  HistoryRecord,
  'provider' | 'model' | 'status' | 'latencyMs' | 'tokens' | 'cost' | 'meta'
> & {
  readonly artifacts: readonly Artifact[];
  readonly output?: Readonly<Record<string, unknown>> | undefined;
};

export interface Failure {
  readonly error: unknown;
  /** Who had answered by then, where an answer could not be kept. */
  readonly answered?: Provenance | undefined;
  /** What it took, where neither the error nor an answer says so. */
  readonly spent?: Spending | undefined;
}

/**
 * What a request took whose process died. The provider may have been asked, and nobody knows what it wrote and charges, so the
 * cost is null, and the tokens are our estimate of the prompt alone. It is 0 only where nobody but the model in our own process can
 * have been asked; entries of versions that did not say whether there were others are null.
 */
export function spentBeforeDeath({ provider, isAlone }: Addressee, tokensIn: number): Spending {
  const isFree = provider === LOCAL_PROVIDER && isAlone === true;
  return { tokens: { in: tokensIn, out: 0, estimated: true }, costUsd: isFree ? 0 : null };
}

export function successOf(
  { params, requestId, action }: RecordedRequest,
  produced: Produced,
): Omit<Outcome, 'latencyMs'> {
  const { provider, model, tokens, costUsd } = produced.provenance;
  return {
    provider,
    model,
    status: 200,
    tokens: { in: tokens.in, out: tokens.out },
    cost: { usd: costUsd },
    meta: { params, requestId, action, ...(tokens.estimated && { tokensEstimated: true }), ...produced.meta },
    artifacts: produced.artifacts,
    output: produced.output,
  };
}

/** Beyond what is known of it, nobody has read or written a token for it, nor charged for it. */
export function failureOf(
  { asked, params, requestId, action }: RecordedRequest,
  { error, answered, spent }: Failure,
): Omit<Outcome, 'latencyMs'> {
  const failed = attemptsOf(error);
  const { tokens, costUsd } = answered ?? failed.spent ?? spent ?? NOTHING_SPENT;
  const attempts = answered?.attempts ?? failed.attempts;
  const code = error instanceof AppError ? error.code : publicErrorOf(error).code;
  return {
    provider: answered?.provider ?? asked.provider,
    model: answered?.model ?? asked.model,
    status: ERROR_CODES[code].http,
    tokens: { in: tokens.in, out: tokens.out },
    cost: { usd: costUsd },
    meta: {
      params,
      requestId,
      action,
      error: code,
      ...(tokens.estimated && { tokensEstimated: true }),
      ...(attempts.length > 0 && { attempts }),
      ...failed.progress,
    },
    artifacts: [],
  };
}
