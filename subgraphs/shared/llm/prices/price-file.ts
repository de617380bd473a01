import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '#shared/config/load-config.js';

const usd = z.number().min(0).max(1e6);

/** What an operator says that a model costs, in US dollars: tokens per million, pictures each. */
const modelPrice = z
  .strictObject({ input: usd.optional(), cachedInput: usd.optional(), output: usd.optional(), image: usd.optional() })
  .refine(({ input, output }) => (input === undefined) === (output === undefined));

const priceFile = z.record(z.string(), z.record(z.string(), modelPrice));

export type PriceFile = z.output<typeof priceFile>;

/** Stands for every model of a provider that has no price of its own. */
export const ANY_MODEL = '*';

/**
 * Reads LLM_PRICES_FILE: provider → model (or `*`) → `input`, `cachedInput` and `output` in US dollars per million tokens, and `image`
 * in US dollars per picture. Throws a {@link ConfigError} that says what is wrong where, never with values.
 */
export async function readPriceFile(path: string): Promise<PriceFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new ConfigError(['LLM_PRICES_FILE: must be a file of JSON that can be read']);
  }
  const parsed = priceFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path: place }) => place.join(' → ') || 'the whole file');
  throw new ConfigError(places.map((place) => `LLM_PRICES_FILE: ${place} is no price in US dollars`));
}
