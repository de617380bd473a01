import { badInput, failureOf } from '#shared/errors/app-error.js';
import { eventId, LAST_EVENT_ID, positionOf } from '../../sse/event-id.js';
import type { ServerEvent } from '../../sse/server-event.js';
import { withIdempotencyKey } from '../idempotency.js';
import {
  JoinChatMessageDocument,
  StreamChatMessageDocument,
  type ChatEventFragment,
  type ChatTurnFragment,
} from '../operations/operations.generated.js';
import { eventStream, type EventStream, type RestRequest } from '../route.js';

/** Sends the message of the body, or, after a line that broke, joins its answer again. */
export function sentMessage(request: RestRequest): EventStream | null {
  const position = positionOf(request.headers[LAST_EVENT_ID]);
  if (position) return joinedAnswer(position.messageId, position.seq);
  return eventStream(StreamChatMessageDocument, {
    variables: { input: withIdempotencyKey(request) },
    joins: false,
    eventOf: ({ chat }) => serverEvent(chat),
  });
}

/** Joins the answer that the path names, at its beginning or after the last event seen. */
export function pathMessage({ params, headers }: RestRequest): EventStream | null {
  const id = params['id'] ?? '';
  const position = positionOf(headers[LAST_EVENT_ID]);
  if (position && position.messageId !== id) {
    throw badInput(LAST_EVENT_ID, 'message', `${LAST_EVENT_ID} is not an event of this message.`);
  }
  return joinedAnswer(id, position?.seq ?? 0);
}

/** What the model took, of a turn. */
export function usageOf({ provider, model, latencyMs, tokens, cost }: ChatTurnFragment) {
  return { provider, model, latencyMs, tokens, cost };
}

function joinedAnswer(id: string, after: number | 'end'): EventStream | null {
  if (after === 'end') return null;
  return eventStream(JoinChatMessageDocument, {
    variables: { id, after },
    joins: true,
    eventOf: ({ chatMessage }) => serverEvent(chatMessage),
  });
}

/** Null for the one that only tells the id: what goes wrong before the first piece is still to be a plain reply. */
function serverEvent({ id: messageId, seq, delta, message }: ChatEventFragment): ServerEvent | null {
  if (!message && seq === 0) return null;
  if (!message) return { event: 'delta', id: eventId({ messageId, seq }), data: { id: messageId, seq, delta } };
  const id = eventId({ messageId, seq: 'end' });
  if (message.error !== null) return { event: 'error', id, error: failureOf(message.error) };
  const { sessionId, assistantMessage, s3, status } = message;
  return {
    event: 'message',
    id,
    data: { id: messageId, sessionId, assistantMessage, s3, status, usage: usageOf(message) },
  };
}
