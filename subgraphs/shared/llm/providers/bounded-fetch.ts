/** A provider sent more than we are willing to hold. */
class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** A provider, or something between it and us, answered with a kind of document that no provider sends. */
class UnexpectedContentType extends Error {
  override readonly name = 'UnexpectedContentType';
}

const EXPECTED = /^(?:application\/(?:[\w.+-]+\+)?json|application\/octet-stream|image\/|text\/event-stream)/i;

/**
 * `fetch` that gives up on an answer longer than `maxBytes`, and on a successful one that is not JSON, an event stream or an image
 * (a captive portal's HTML, say). Follows no redirects: they would carry the prompt, and on the same host the key, elsewhere.
 */
export function createBoundedFetch({ maxBytes }: { readonly maxBytes: number }): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    const type = response.headers.get('content-type') ?? 'application/octet-stream';
    if (response.ok && !EXPECTED.test(type)) {
      await response.body?.cancel();
      throw new UnexpectedContentType(`The provider answered with ${type.slice(0, 100)}.`);
    }
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(limited(response.body, maxBytes), { status, statusText, headers });
  };
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
