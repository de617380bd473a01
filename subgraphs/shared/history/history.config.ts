import { z } from 'zod';
import { duration, httpUrl, pem } from '#shared/config/env-fields.js';
import { FAULT_POINT } from './commit/fault-point.js';

/** Settings of a service that keeps a history and reports events. */
export const historyEnv = {
  /** Absent for AWS itself. */
  S3_ENDPOINT: httpUrl.optional(),
  /** What signed URLs name, where clients reach the store by another address than the services do. */
  S3_PUBLIC_ENDPOINT: httpUrl.optional(),
  S3_ACCESS_KEY: z.string(),
  S3_SECRET_KEY: z.string(),
  S3_REGION: z.string().default('us-east-1'),
  S3_BUCKET: z.string(),
  ANALYTICS_URL: httpUrl,
  /** Signs the tokens with which this service reports events. */
  SERVICE_PRIVATE_KEY: pem,
  /** For tests of crashes only, and without effect in production. */
  FAULT_POINT: z.string().regex(FAULT_POINT, 'must be as in fault-point.ts').optional(),
  /** `hash` keeps hashes of what people write and are answered, and no word of it. */
  PROMPT_STORAGE: z.enum(['plain', 'hash']).default('plain'),
  /**
   * A request with an idempotency key that has no outcome after so long is taken for dead; longer than any request takes, by
   * default a minute longer than a model may.
   */
  IDEMPOTENCY_TAKEOVER: duration.optional(),
};

const settings = z.object(historyEnv);

const TAKEOVER_MARGIN_MS = 60_000;

interface CallLimits {
  readonly IDEMPOTENCY_TAKEOVER?: number | undefined;
  /** How long a model may take to answer. */
  readonly LLM_TIMEOUT_MS: number;
}

/** Milliseconds after which a request with an idempotency key is taken for dead. */
export function takeOverAfterMs({ IDEMPOTENCY_TAKEOVER, LLM_TIMEOUT_MS }: CallLimits): number {
  return IDEMPOTENCY_TAKEOVER ?? LLM_TIMEOUT_MS + TAKEOVER_MARGIN_MS;
}

/** Nobody may take over from a request that still has time: its model would be asked twice. */
export function takeoverRule(config: CallLimits, context: z.RefinementCtx): void {
  if (takeOverAfterMs(config) > config.LLM_TIMEOUT_MS) return;
  const message = `must be longer than LLM_TIMEOUT_MS, which is ${config.LLM_TIMEOUT_MS} ms`;
  context.addIssue({ code: 'custom', path: ['IDEMPOTENCY_TAKEOVER'], message });
}

export type HistorySettings = z.output<typeof settings>;
