import type { Spending, TokenUsage } from './llm.port.js';
import { roundedUsd } from './prices/dollars.js';

/** What several calls took together: the cost is unknown when that of any is. */
export function totalSpending(all: readonly Spending[]): Spending {
  const costs = all.map(({ costUsd }) => costUsd);
  const costUsd = costs.includes(null) ? null : roundedUsd(sum(costs.map((usd) => usd ?? 0)));
  return { tokens: totalTokens(all.map(({ tokens }) => tokens)), costUsd };
}

function totalTokens(all: readonly TokenUsage[]): TokenUsage {
  const cached = all.flatMap(({ cachedIn }) => cachedIn ?? []);
  return {
    in: sum(all.map((tokens) => tokens.in)),
    out: sum(all.map((tokens) => tokens.out)),
    estimated: all.some(({ estimated }) => estimated),
    ...(cached.length > 0 && { cachedIn: sum(cached) }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
