import type { TokenUsage } from './llm.port.js';

export const CHARS_PER_TOKEN = 4;

/** Tokens of a text where nobody counted them: one per four characters, OpenAI's rule of thumb, at least one per text. */
export function estimatedTokens(text: string): number {
  return text === '' ? 0 : Math.max(1, Math.ceil(text.length / CHARS_PER_TOKEN));
}

export function estimatedUsage(input: string, output: string): TokenUsage {
  return { in: estimatedTokens(input), out: estimatedTokens(output), estimated: true };
}
