import { CloseCode } from 'graphql-ws';

/**
 * All words in which a socket is ever closed, by the code they go with. Fixed, so that neither an error of ours nor a
 * client's own text can reach a close frame, which may carry no more than 123 bytes (RFC 6455 §5.5).
 */
const REASONS: Readonly<Record<number, string>> = {
  1001: 'Going away',
  1013: 'Try again later',
  [CloseCode.BadRequest]: 'Invalid message',
  [CloseCode.Unauthorized]: 'Unauthorized',
  [CloseCode.Forbidden]: 'Forbidden',
  [CloseCode.SubprotocolNotAcceptable]: 'Subprotocol not acceptable',
  [CloseCode.ConnectionInitialisationTimeout]: 'Connection initialisation timeout',
  [CloseCode.SubscriberAlreadyExists]: 'Subscriber already exists',
  [CloseCode.TooManyInitialisationRequests]: 'Too many initialisation requests',
  [CloseCode.InternalServerError]: 'Internal server error',
};

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The closing that graphql-ws asks for by its code. */
export function closingOf(code: number = CloseCode.InternalServerError): Closing {
  const known = REASONS[code];
  return known ? { code, reason: known } : closingOf(CloseCode.InternalServerError);
}

export const GOING_AWAY = closingOf(1001);
/** Whether the token holds cannot be told right now. */
export const TRY_AGAIN_LATER = closingOf(1013);
export const FAILED = closingOf(CloseCode.InternalServerError);
export const FORBIDDEN = closingOf(CloseCode.Forbidden);
/** The token expired or was revoked; a client comes back with a new one. */
export const SESSION_ENDED: Closing = { code: CloseCode.Forbidden, reason: 'Session ended' };
export const TOO_MANY_SOCKETS: Closing = {
  code: CloseCode.TooManyInitialisationRequests,
  reason: 'Too many sockets of one user',
};
