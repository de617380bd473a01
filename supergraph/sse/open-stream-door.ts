import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { AppError } from '#shared/errors/app-error.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import type { EdgeContext } from '../edge/edge-context.js';
import type { OperationBudget } from '../edge/operation-budget.js';
import { patrol } from '../edge/patrol.js';
import { Seats } from '../edge/seats.js';
import type { SubscribeOperation } from '../subscriptions/subscribe-operation.js';
import { EVENT_STREAM } from './accepts-stream.js';
import { LiveStream, type StreamOrder } from './live-stream.js';

export interface StreamDoorParts {
  readonly config: { readonly REVOCATION_LAG: number; readonly WS_SOCKETS_PER_USER: number };
  /** The one that clients see. */
  readonly schema: GraphQLSchema;
  readonly budget: OperationBudget;
  readonly verify: TokenVerifier;
  readonly execute: SubscribeOperation;
  /** So long nothing may be sent on an open stream. 15 s by default. */
  readonly keepAliveMs?: number;
}

export interface StreamDoor {
  /** Answers a signed-in user's request with a stream. Throws, before anything is sent, what a plain reply would say. */
  serve(order: StreamOrder, context: EdgeContext, reply: FastifyReply): Promise<FastifyReply>;
  /** Ends all streams, and resolves when they are gone. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 15_000;
/** Who has not taken anything for so long, not even a sign of life, is cut off. */
const STALLED_MS = 60_000;
/** As often as sockets are looked at. */
const RECHECKS_PER_LAG = 4;
const CLOSE_TIMEOUT_MS = 2_000;

/** What is written ahead of a slow reader, by text; more waits at its source, in the bounds that it has there. */
const BUFFERED_BYTES = 64 * 1024;

/** A stream that counts among its user's, until it is released. */
interface Seated {
  readonly stream: LiveStream;
  readonly release: () => void;
  readonly gone: Promise<void>;
}

/**
 * Subscriptions as server-sent events, for clients without WebSocket. A stream lives as long as its token would be taken by
 * any other request, and a user may have as many of them open as sockets.
 */
export function openStreamDoor(parts: StreamDoorParts): StreamDoor {
  const { config, schema, budget, execute, verify, keepAliveMs = KEEP_ALIVE_MS } = parts;
  const limit = config.WS_SOCKETS_PER_USER;
  const seats = new Seats(limit);
  const live = new Set<Seated>();
  const stopped = new AbortController();
  const everyMs = config.REVOCATION_LAG / RECHECKS_PER_LAG;
  void patrol(live, { everyMs, visit: ({ stream }) => stream.recheck(), signal: stopped.signal });

  function admit(order: StreamOrder, context: EdgeContext): Seated {
    const leave = seats.take(context.viewer?.id ?? '');
    if (!leave) throw new AppError('RATE_LIMITED', `At most ${limit} streams of one user may be open at a time.`);
    const stream = new LiveStream({ order, context, schema, execute, verify, keepAliveMs });
    const gone = Promise.withResolvers<void>();
    const release = (): void => {
      stream.stop();
      live.delete(seated);
      leave();
      gone.resolve();
    };
    const seated = { stream, release, gone: gone.promise };
    live.add(seated);
    return seated;
  }

  return {
    async serve(order, context, reply) {
      const { stream, release } = admit(order, context);
      try {
        await budget.charge(order.operation, context);
        const text = Readable.from(await stream.open(), { objectMode: false, highWaterMark: BUFFERED_BYTES });
        text.once('close', release);
        return send(text, reply);
      } catch (error) {
        release();
        throw error;
      }
    },
    async close() {
      stopped.abort();
      const going = new AppError('SERVICE_UNAVAILABLE', 'The service is going away; join the answer where you were.');
      for (const { stream } of live) stream.end(going);
      const gone = [...live].map((seated) => seated.gone);
      await Promise.race([Promise.all(gone), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}

function send(text: Readable, reply: FastifyReply): FastifyReply {
  reply.raw.setTimeout(STALLED_MS);
  return reply
    .headers({ 'content-type': EVENT_STREAM, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    .send(text);
}
