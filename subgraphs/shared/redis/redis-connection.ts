// cspell:words ioredis wrongpass
import { Redis } from 'ioredis';

/** Where the retries end up: often enough to be back soon, rare enough for a server that has trouble starting. */
const MAX_RECONNECT_DELAY_MS = 2_000;

export interface RedisTimeouts {
  readonly connectMs: number;
  /** After so long a command fails. Absent: whoever calls sees to that. */
  readonly commandMs?: number;
  /** A connection that owes an answer and has said nothing for so long is opened anew. */
  readonly silentMs: number;
}

/**
 * A connection that answers soon or fails soon: whoever calls has another way to decide. Nothing waits in a queue, and
 * nothing is sent again, not even a subscription: a charge whose reply got lost was decided elsewhere. It reconnects in the background, for ever.
 */
export function connectRedis(url: string, timeouts: RedisTimeouts): Redis {
  return new Redis(url, {
    connectTimeout: timeouts.connectMs,
    ...(timeouts.commandMs !== undefined && { commandTimeout: timeouts.commandMs }),
    // A peer that vanished without a word leaves a socket that looks alive for a quarter of an hour.
    socketTimeout: timeouts.silentMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Whoever subscribes knows better what is still wanted.
    autoResubscribe: false,
    retryStrategy: (attempt) =>
      Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS) * (0.5 + Math.random() / 2),
    // After a failover the old primary refuses writes; the address leads to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

/**
 * What went wrong, in a word: an error code such as ECONNREFUSED or WRONGPASS. Neither the message nor the error itself is
 * for a log: they carry addresses, and commands with their arguments, the password among them.
 */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.message === 'Command timed out') return 'ETIMEDOUT';
  return /^[A-Z]{2,}(?= |$)/.exec(error.message)?.[0] ?? error.name;
}
