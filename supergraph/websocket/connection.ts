import type { FastifyRequest } from 'fastify';
import type { SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { AppError } from '#shared/errors/app-error.js';
import { viewerOf } from '#shared/context/request-context.js';
import { requestIdOf } from '#shared/context/request-id.js';
import type { TokenVerifier } from '#shared/context/token-verifier.js';
import type { UserViewer } from '#shared/context/viewer.js';
import type { Logger } from '#shared/logging/logger.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { FAILED, FORBIDDEN, SESSION_ENDED, TOO_MANY_SOCKETS, TRY_AGAIN_LATER, type Closing } from './closings.js';
import type { Seats } from '../edge/seats.js';

export interface ConnectionParts {
  readonly socket: WebSocket;
  /** Resolves when all that was sent on it has left. */
  readonly drained: () => Promise<void>;
  /** The one that the socket was opened with. */
  readonly request: FastifyRequest;
  readonly config: { readonly WS_OPERATIONS_PER_SOCKET: number };
  readonly log: Logger;
  readonly verify: TokenVerifier;
  readonly userSeats: Seats;
  /** Gives back the seat that a socket has among those that are not signed in yet. */
  readonly leaveHandshake: () => void;
}

type Phase =
  | { readonly name: 'handshake' }
  | {
      readonly name: 'signed in';
      readonly viewer: UserViewer;
      readonly accessToken: string;
      readonly leave: () => void;
    }
  | { readonly name: 'closed' };

/** One socket: who it belongs to, and what runs on it. */
export class Connection {
  #phase: Phase = { name: 'handshake' };
  #isAnswering = true;
  readonly #operations = new Set<AbortController>();

  constructor(private readonly parts: ConnectionParts) {}

  /** Signs the socket in by the payload of `connection_init`; false, and the socket is closing, where that cannot be. */
  signIn(payload: Readonly<Record<string, unknown>> | undefined): boolean {
    if (this.#phase.name !== 'handshake') return false;
    const authorization = payload?.['authorization'] ?? payload?.['Authorization'];
    const { verify, userSeats, leaveHandshake } = this.parts;
    try {
      const viewer = typeof authorization === 'string' ? viewerOf({ authorization }, verify) : null;
      // Services talk to each other directly; a service token has no business at the public door.
      if (viewer?.kind !== 'user') return this.#refuse(FORBIDDEN);
      const leave = userSeats.take(viewer.id);
      if (!leave) return this.#refuse(TOO_MANY_SOCKETS);
      const accessToken = String(authorization).slice('Bearer '.length);
      this.#phase = { name: 'signed in', viewer, accessToken, leave };
      leaveHandshake();
      return true;
    } catch (error) {
      return this.#refuse(this.#closingFor(error, FORBIDDEN));
    }
  }

  /** Closes the socket once its token would be refused by HTTP too. */
  recheck(): void {
    if (this.#phase.name !== 'signed in') return;
    try {
      this.parts.verify(this.#phase.accessToken);
    } catch (error) {
      this.close(this.#closingFor(error, SESSION_ENDED));
    }
  }

  /** The context of one operation, which ends with `signal`. Throws UNAUTHENTICATED on a socket that is not signed in. */
  contextOf({ extensions }: SubscribePayload, signal: AbortSignal): EdgeContext {
    if (this.#phase.name !== 'signed in') throw new AppError('UNAUTHENTICATED', 'Sign in to use this.');
    const { viewer, accessToken } = this.#phase;
    const { request, log } = this.parts;
    const requestId = requestIdOf(extensions?.['requestId']);
    return {
      viewer,
      accessToken,
      requestId,
      clientIp: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
      log: log.child({ requestId }),
      setReplyHeader: () => undefined,
      signal,
    };
  }

  /** Counts an operation until it is stopped, by itself or by the end of the socket. Throws RATE_LIMITED above the cap. */
  begin(operation: AbortController): void {
    const { WS_OPERATIONS_PER_SOCKET: limit } = this.parts.config;
    if (this.#operations.size >= limit) {
      throw new AppError('RATE_LIMITED', `At most ${limit} operations may run on one socket at a time.`);
    }
    this.#operations.add(operation);
    operation.signal.addEventListener('abort', () => this.#operations.delete(operation), { once: true });
  }

  drained(): Promise<void> {
    return this.parts.drained();
  }

  /** Pings, and cuts off who has not answered the ping before. */
  keepAlive(): void {
    const { socket } = this.parts;
    if (!this.#isAnswering) return socket.terminate();
    this.#isAnswering = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  answered(): void {
    this.#isAnswering = true;
  }

  close({ code, reason }: Closing): void {
    this.parts.socket.close(code, reason);
  }

  /** To be called when the socket is closed: ends what ran on it, and gives its seats back. */
  closed(): void {
    if (this.#phase.name === 'signed in') this.#phase.leave();
    this.#phase = { name: 'closed' };
    this.parts.leaveHandshake();
    for (const operation of this.#operations) operation.abort();
  }

  #refuse(closing: Closing): false {
    this.close(closing);
    return false;
  }

  #closingFor(error: unknown, refused: Closing): Closing {
    if (!(error instanceof AppError)) {
      this.parts.request.log.error({ err: error }, 'token could not be checked');
      return FAILED;
    }
    // Silence of the auth service is not the client's fault, who may come back with the same token.
    return error.code === 'SERVICE_UNAVAILABLE' ? TRY_AGAIN_LATER : refused;
  }
}
