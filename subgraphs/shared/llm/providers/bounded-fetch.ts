import { fetch, type Dispatcher, type RequestInit } from 'undici';
import type { Network } from '#shared/safe-fetch/network.js';
import { checkedConnections, providerConnections } from './provider-connections.js';

/** A provider sent more than we are willing to hold. */
class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** A provider, or something between it and us, answered with a kind of document that no provider sends. */
class UnexpectedContentType extends Error {
  override readonly name = 'UnexpectedContentType';
}

const EXPECTED = /^(?:application\/(?:[\w.+-]+\+)?json|application\/octet-stream|image\/|text\/event-stream)/i;

/** A whole `RequestInit` but for what is settled here. */
export type BoundedRequest = Omit<RequestInit, 'dispatcher' | 'redirect'>;

export interface FetchBounds {
  readonly maxBytes: number;
  /** What may be reached; anything where it is not given. */
  readonly network?: Network;
}

export type BoundedFetch = (url: string, init?: BoundedRequest) => Promise<Response>;

/**
 * `fetch` that gives up on an answer longer than `maxBytes`, and on a successful one that is not JSON, an event stream or an image
 * (a captive portal's HTML, say). Follows no redirects: they would carry the prompt, and on the same host the key, elsewhere.
 */
export function createBoundedFetch({ maxBytes, network }: FetchBounds): BoundedFetch {
  return async (url, init) => {
    const response = await (network ? fetchWithin(network, url, init) : fetchFrom(providerConnections, url, init));
    const type = response.headers.get('content-type') ?? 'application/octet-stream';
    if (response.ok && !EXPECTED.test(type)) {
      await response.body?.cancel();
      throw new UnexpectedContentType(`The provider answered with ${type.slice(0, 100)}.`);
    }
    const { status, statusText, headers, body } = response;
    const content = body && limited(body as ReadableStream<Uint8Array<ArrayBuffer>>, maxBytes);
    return new Response(content, { status, statusText, headers: [...headers] });
  };
}

function fetchFrom(dispatcher: Dispatcher, url: string, init: BoundedRequest | undefined) {
  return fetch(url, { ...init, redirect: 'error', dispatcher });
}

async function fetchWithin(network: Network, url: string, init: BoundedRequest = {}) {
  const connections = checkedConnections(network, init.signal ?? new AbortController().signal);
  try {
    return await fetchFrom(connections, url, init);
  } finally {
    // Once the body has been read or given up.
    connections.close().catch(() => undefined);
  }
}

/** Pulled rather than piped through a TransformStream, which would cost each token of an answer two more queues. */
function limited(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let seen = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        seen += value.byteLength;
        if (seen <= maxBytes) return controller.enqueue(value);
        const error = new ResponseTooLarge(`The provider's answer is over ${maxBytes} bytes.`);
        reader.cancel(error).catch(() => undefined);
        throw error;
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
