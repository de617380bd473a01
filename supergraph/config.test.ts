import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#shared/config/load-config.js';
import { subgraphTargets, supergraphConfig } from './config.js';

const { publicKey } = generateKeyPairSync('ed25519');
const urls = ['AUTH_URL', 'ANALYTICS_URL', 'IMAGE_URL', 'SUM_URL', 'CHAT_URL'];
const env = {
  JWT_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ...Object.fromEntries(urls.map((name) => [name, 'http://127.0.0.1:1'])),
};

function waits(more: Record<string, string> = {}): Record<string, number> {
  const targets = subgraphTargets(loadConfig(supergraphConfig, { ...env, ...more }));
  return Object.fromEntries(Object.entries(targets).map(([name, { timeoutMs }]) => [name, timeoutMs]));
}

describe('LLM_SUBGRAPH_TIMEOUT', () => {
  it('is half a minute longer than a model may take', () => {
    const others = { auth: 15_000, analytics: 15_000 };
    expect(waits()).toEqual({ ...others, image: 90_000, summarize: 90_000, chat: 90_000 });
    const long = { ...others, image: 630_000, summarize: 630_000, chat: 630_000 };
    expect(waits({ LLM_TIMEOUT_MS: '600000' })).toEqual(long);
  });

  it('is what is set, where that is longer than a model may take', () => {
    expect(waits({ LLM_SUBGRAPH_TIMEOUT: '61s' })).toMatchObject({ chat: 61_000 });
  });

  it('is refused where the supergraph would hang up before the model must answer', () => {
    const wrong = { LLM_TIMEOUT_MS: '120000', LLM_SUBGRAPH_TIMEOUT: '90s' };
    expect(() => waits(wrong)).toThrow('LLM_SUBGRAPH_TIMEOUT: must be longer than LLM_TIMEOUT_MS, which is 120000 ms');
  });
});
