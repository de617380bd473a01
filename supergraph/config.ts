import type { z } from 'zod';
import { rateLimitEnv } from '#shared/rate-limit/rate-limit.config.js';
import { duration, httpUrl, integer, list, port, processEnv, tokenCheckEnv } from '#shared/config/env-fields.js';
import { serviceConfig } from '#shared/config/service-config.js';

export const supergraphConfig = serviceConfig({
  ...processEnv,
  ...tokenCheckEnv,
  PORT: port.default(8080),
  AUTH_URL: httpUrl,
  ANALYTICS_URL: httpUrl,
  IMAGE_URL: httpUrl,
  SUM_URL: httpUrl,
  CHAT_URL: httpUrl,
  /** Origins of browser applications that may call, separated by commas; exact, no wildcards. */
  CORS_ORIGIN: list.default([]),
  /** Requests a minute, per user and root field of GraphQL (a REST route is one too). */
  RATE_LIMIT_PER_MIN: integer(1, 1_000_000).default(60),
  /** Requests a minute from one address to each of register, login and refresh. */
  SIGN_IN_LIMIT_PER_MIN: integer(1, 1_000_000).default(20),
  ...rateLimitEnv,
  /** Addresses or networks of the proxies whose X-Forwarded-For is believed, separated by commas; nobody's by default. */
  TRUSTED_PROXIES: list.default([]),
  MAX_BODY_BYTES: integer(1_024, 64 * 1024 * 1024).default(2 * 1024 * 1024),
  /** How long a WebSocket may stay open without having signed in. */
  WS_INIT_TIMEOUT: duration.default(5_000),
  /** WebSockets that one user may have open at a time, and as many streams of server-sent events beside them. */
  WS_SOCKETS_PER_USER: integer(1, 10_000).default(20),
  /** Subscriptions that may run on one WebSocket at a time. */
  WS_OPERATIONS_PER_SOCKET: integer(1, 10_000).default(50),
  /** How long a subgraph may take to answer. */
  SUBGRAPH_TIMEOUT: duration.default(15_000),
  /** How long a subgraph that calls a model may take to answer. */
  LLM_SUBGRAPH_TIMEOUT: duration.default(90_000),
  /** For how long a stream whose subgraph is lost is asked for at the next one. */
  RESUME_WITHIN: duration.default(5_000),
});

export type SupergraphConfig = z.output<typeof supergraphConfig>;

/** Where a subgraph is, and how long it may take. */
export interface SubgraphTarget {
  readonly url: string;
  readonly timeoutMs: number;
}

/** The five subgraphs by the names they have in the supergraph's schema. */
export function subgraphTargets(config: SupergraphConfig): Readonly<Record<string, SubgraphTarget>> {
  const { SUBGRAPH_TIMEOUT, LLM_SUBGRAPH_TIMEOUT } = config;
  return {
    auth: { url: config.AUTH_URL, timeoutMs: SUBGRAPH_TIMEOUT },
    analytics: { url: config.ANALYTICS_URL, timeoutMs: SUBGRAPH_TIMEOUT },
    image: { url: config.IMAGE_URL, timeoutMs: LLM_SUBGRAPH_TIMEOUT },
    summarize: { url: config.SUM_URL, timeoutMs: LLM_SUBGRAPH_TIMEOUT },
    chat: { url: config.CHAT_URL, timeoutMs: LLM_SUBGRAPH_TIMEOUT },
  };
}
