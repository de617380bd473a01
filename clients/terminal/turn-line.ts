import type { Turn } from './answer-line.js';
import type { Words } from './words.js';

/** Who answered, and what it took. */
export function turnLine({ provider, model, tokens, cost, latencyMs }: Turn, words: Words): string {
  return [
    `${provider}/${model}`,
    words.tokens(tokens.in, tokens.out),
    cost.usd === null ? words.unknownCost : dollars(cost.usd, words.language),
    `${Math.round(latencyMs)} ms`,
  ].join(' · ');
}

/** Answers cost fractions of a cent. */
function dollars(usd: number, language: string): string {
  const format = { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 6 } as const;
  return new Intl.NumberFormat(language, format).format(usd);
}
