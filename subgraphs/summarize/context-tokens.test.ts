import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { llmEnv } from '#shared/llm/provider.config.js';
import { contextTokensOf } from './context-tokens.js';

const tokens = (env: Record<string, string>, LLM_CONTEXT_TOKENS?: number): number =>
  contextTokensOf({ ...z.object(llmEnv).parse(env), LLM_CONTEXT_TOKENS });

describe('LLM_CONTEXT_TOKENS', () => {
  it.each([
    [
      'a server at Ollama’s port',
      { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: 'http://10.1.2.3:11434/v1' },
      4_096,
    ],
    ['a server at another port', { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: 'http://10.1.2.3:8000/v1' }, 8_192],
    ['OpenAI', { LLM_PROVIDER: 'openai', OPENAI_API_KEY: 'k' }, 8_192],
    ['the offline one', {}, 8_192],
  ])('is by default, for %s', (_server, env, expected) => {
    expect(tokens({ LLM_MODEL: 'm', ...env })).toBe(expected);
  });

  it('is what is set', () => {
    expect(tokens({ LLM_PROVIDER: 'ollama', LLM_MODEL: 'm' }, 32_768)).toBe(32_768);
  });
});
