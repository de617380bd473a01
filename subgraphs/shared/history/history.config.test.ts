import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { historyEnv, takeOverAfterMs, takeoverRule } from './history.config.js';

const schema = z
  .object({ IDEMPOTENCY_TAKEOVER: historyEnv.IDEMPOTENCY_TAKEOVER, LLM_TIMEOUT_MS: z.number() })
  .superRefine(takeoverRule);

describe('IDEMPOTENCY_TAKEOVER', () => {
  it('is a minute longer than a model may take', () => {
    expect(takeOverAfterMs(schema.parse({ LLM_TIMEOUT_MS: 300_000 }))).toBe(360_000);
  });

  it('is what is set, where that is longer than a model may take', () => {
    expect(takeOverAfterMs(schema.parse({ LLM_TIMEOUT_MS: 60_000, IDEMPOTENCY_TAKEOVER: '61s' }))).toBe(61_000);
  });

  it('is refused where a request that still has time would be taken for dead', () => {
    expect(schema.safeParse({ LLM_TIMEOUT_MS: 60_000, IDEMPOTENCY_TAKEOVER: '60s' }).error?.issues).toMatchObject([
      { path: ['IDEMPOTENCY_TAKEOVER'], message: 'must be longer than LLM_TIMEOUT_MS, which is 60000 ms' },
    ]);
  });
});
