import type { Prices } from '../prices/prices.js';

/** Where a provider is, how it is asked, and what its answers cost. */
export interface RemoteSettings {
  /** Its name in records, costs and `provider/model`. */
  readonly provider: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** The model asked when a request names none. */
  readonly model: string;
  /** Sent as a Bearer token; many servers on one's own machine need none. */
  readonly apiKey?: string | undefined;
  /** Largest answer that is read; by default 4 MiB of text, 64 MiB of image. */
  readonly maxResponseBytes?: number | undefined;
  readonly prices: Prices;
}

export const MAX_TEXT_BYTES = 4 * 1024 * 1024;
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024;
