import type { AppError } from '#shared/errors/app-error.js';

/** What a stream says, piece by piece. The last one is a `message` or an `error`. */
export type ServerEvent =
  | { readonly event: 'delta' | 'message'; readonly id: string; readonly data: object }
  /** What was asked for has failed for good, and is recorded so. */
  | { readonly event: 'error'; readonly id: string; readonly error: AppError };

/** A comment, which no client shows: proxies on the way see that the line is in use, and we see when it is not there any more. */
export const KEEP_ALIVE = ': keep-alive\n\n';

interface EventText {
  readonly event: string;
  /** Absent where a client that comes back shall go on after the event before. */
  readonly id?: string;
  readonly data: object;
}

/** An event as it is written (HTML §9.2.6). JSON has no line breaks of its own, so the data is one line. */
export function eventText({ id, event, data }: EventText): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
