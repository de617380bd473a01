import { randomUUID } from 'node:crypto';
import { buildSchema, type ExecutionResult, type GraphQLError } from 'graphql';
import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import type { RevocationCheck } from '#shared/context/revocation.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { createLogger } from '#shared/logging/logger.js';
import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import { createHttpServer } from '#shared/server/http-server.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { DocumentGuard } from '../../supergraph/edge/document-guard.js';
import { OperationBudget } from '../../supergraph/edge/operation-budget.js';
import { openWebSocketDoor } from '../../supergraph/websocket/open-websocket-door.js';
import type { SubscribeOperation } from '../../supergraph/subscriptions/subscribe-operation.js';

const SCHEMA = buildSchema(`
  type Query { ok: Boolean }
  type Subscription { count(to: Int!): Int  chat(input: ID): String  other: Int }
`);
const RULES = { issuer: 'test', audience: 'test' };

export interface DoorUnderTest {
  readonly url: string;
  /** What has been logged so far. */
  readonly log: readonly string[];
  token(userId?: string): string;
  close(): Promise<void>;
  stop(): Promise<void>;
}

export interface DoorSettings {
  readonly perMinute?: number;
  readonly operationsPerSocket?: number;
  readonly keepAliveMs?: number;
  readonly revocations?: RevocationCheck;
}

/** The WebSocket door alone, with a schema that has subscriptions, and this to run them. */
export async function openDoor(execute: SubscribeOperation, settings: DoorSettings = {}): Promise<DoorUnderTest> {
  const { perMinute = 1_000, operationsPerSocket = 50, keepAliveMs, revocations } = settings;
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', service: 'door' }, { write: (line) => void lines.push(line) });
  const { privateKey, publicKey } = await createKeyPair();
  const server = createHttpServer({ log, maxBodyBytes: 1024 * 1024, requestTimeoutMs: 30_000 });
  const door = openWebSocketDoor(server, {
    config: {
      CORS_ORIGIN: [],
      MAX_BODY_BYTES: 1024 * 1024,
      REVOCATION_LAG: 400,
      WS_INIT_TIMEOUT: 30_000,
      WS_SOCKETS_PER_USER: 20,
      WS_OPERATIONS_PER_SOCKET: operationsPerSocket,
    },
    schema: SCHEMA,
    guard: new DocumentGuard(),
    budget: new OperationBudget(new MemoryRateLimiter(), { perMinute, signInPerMinute: 20 }),
    verify: createTokenVerifier({ accessKeys: publicKey }, RULES, revocations),
    execute,
    log,
    ...(keepAliveMs !== undefined && { keepAliveMs }),
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const sign = createAccessTokenSigner(privateKey, RULES, 600_000);
  return {
    url,
    log: lines,
    token: (id = randomUUID()) =>
      sign({ id, email: 'ana@example.com', role: 'user', sessionId: randomUUID(), promptStorage: 'plain' }),
    close: () => door.close(),
    async stop() {
      await door.close();
      await server.close();
    },
  };
}

/** Events that the test gives one by one, and a look at whether anybody still listens. */
export class Feed implements AsyncIterable<ExecutionResult> {
  readonly #events: (ExecutionResult | Error)[] = [];
  #wake: () => void = () => undefined;
  /** Resolves when the reader has left. */
  readonly left: Promise<void>;
  #leave: () => void = () => undefined;

  constructor() {
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  give(event: ExecutionResult | Error): void {
    this.#events.push(event);
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<ExecutionResult> {
    return {
      next: async () => {
        for (;;) {
          const event = this.#events.shift();
          if (event instanceof Error) throw event;
          if (event) return { done: false, value: event };
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
      return: async () => {
        this.#leave();
        return { done: true, value: undefined };
      },
    };
  }
}

export function eventOf(data: Record<string, unknown>, ...errors: GraphQLError[]): ExecutionResult {
  return { data, ...(errors.length > 0 && { errors }) };
}
