import { badInput } from '#shared/errors/app-error.js';

export const LAST_EVENT_ID = 'Last-Event-ID';

/** Where a reader is in an answer: after its piece `seq`, or behind its end. */
export interface Position {
  readonly messageId: string;
  readonly seq: number | 'end';
}

const POSITION = /^([\w-]{1,64}):(\d{1,9}|end)$/;

/** The `id` of an event, which a client sends back as `Last-Event-ID`. */
export function eventId({ messageId, seq }: Position): string {
  return `${messageId}:${seq}`;
}

/** Null when it is absent or empty, as it is before the first event. Throws BAD_USER_INPUT for what is no id of ours. */
export function positionOf(header: string | undefined): Position | null {
  if (!header) return null;
  const [, messageId, seq] = POSITION.exec(header) ?? [];
  if (messageId === undefined || seq === undefined) {
    throw badInput(LAST_EVENT_ID, 'format', `${LAST_EVENT_ID} must be the id of an event, "<message>:<seq>".`);
  }
  return { messageId, seq: seq === 'end' ? seq : Number(seq) };
}
