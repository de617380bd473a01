import { faultOfStatus, ProviderError, type Fault } from '../provider-error.js';
import { createBoundedFetch, type BoundedRequest } from './bounded-fetch.js';
import { brokenCall } from './broken-call.js';
import { retryAfterMs } from './retry-after.js';

export interface ImageAnswer {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly headers: Headers;
}

export interface ImageCallOptions {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** What a refusal means whose status alone does not tell; gets the body as it came. */
  readonly faultOf?: (status: number, body: string) => Fault;
}

/** One HTTP request that is answered with a picture. Throws a {@link ProviderError} for any other answer, and for none. */
export async function fetchImage(url: string, init: BoundedRequest, options: ImageCallOptions): Promise<ImageAnswer> {
  const { signal, maxBytes, faultOf = faultOfStatus } = options;
  try {
    const response = await createBoundedFetch({ maxBytes })(url, { ...init, signal });
    const { status, headers } = response;
    if (!response.ok) {
      const asks = retryAfterMs((name) => headers.get(name), Date.now());
      const fault = faultOf(status, await response.text());
      throw new ProviderError(fault, { status, retryAfterMs: asks, cause: new Error(`HTTP ${status}`) });
    }
    const contentType = headers.get('content-type') ?? '';
    if (!contentType.startsWith('image/')) {
      await response.body?.cancel();
      throw new ProviderError('unusable', { mayBeCharged: true, cause: new Error('not an image') });
    }
    return { bytes: new Uint8Array(await response.arrayBuffer()), contentType, headers };
  } catch (error) {
    throw error instanceof ProviderError ? error : brokenCall(error, signal);
  }
}

/** `Authorization` where there is a key. */
export function bearer(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}
