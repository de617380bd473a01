import { badInput } from '#shared/errors/app-error.js';
import type { HeaderParameter, RestRequest } from './route.js';

const NAME = 'Idempotency-Key';

/** The header of the routes that call a model, which makes a request safe to repeat. */
export const IDEMPOTENCY_HEADERS: readonly HeaderParameter[] = [
  {
    name: NAME,
    description:
      'Makes the request safe to repeat: the same key with the same body is answered once, and again with the same `id`; with another body it is refused with 422. 1 to 255 visible ASCII characters.',
  },
];

/**
 * The body, which becomes the operation's input, with the key that came in the header. Throws BAD_USER_INPUT when the body has
 * another one.
 */
export function withIdempotencyKey({ body, headers }: RestRequest): object {
  const key = headers[NAME];
  if (key === undefined) return body as object;
  const { idempotencyKey = null, ...input } = body as { idempotencyKey?: unknown };
  if (idempotencyKey !== null && idempotencyKey !== key) {
    const message = `idempotencyKey must be the same as the ${NAME} header; one of them is enough.`;
    throw badInput('idempotencyKey', 'sameAsHeader', message);
  }
  return { ...input, idempotencyKey: key };
}
