export const EVENT_STREAM = 'text/event-stream';

const JSON_TYPE = 'application/json';

/**
 * Whether a client would rather have events than JSON (RFC 9110 §12.5.1). Events are for who names them: a wildcard means
 * JSON. Of two that are wanted alike the first one is taken.
 */
export function acceptsStream(accept: string | undefined): boolean {
  const wanted = (accept ?? '')
    .split(',')
    .map(mediaRange)
    .filter(({ type, q }) => q > 0 && (type === EVENT_STREAM || type === JSON_TYPE))
    .toSorted((one, other) => other.q - one.q);
  return wanted[0]?.type === EVENT_STREAM;
}

function mediaRange(text: string): { readonly type: string; readonly q: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, q: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
}
