import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { Pool } from 'undici';
import { AppError, type InputIssue } from '#shared/errors/app-error.js';
import { isErrorCode } from '#shared/errors/error-codes.js';
import { REQUEST_ID_HEADER, USER_ID_HEADER } from '#shared/context/request-id.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { DeadlinePassed, exchange, type Reply } from './exchange.js';
import { SharedReplies } from './shared-replies.js';

export interface SubgraphOptions {
  readonly name: string;
  /** Base URL; `/graphql` is appended. */
  readonly url: string;
  readonly timeoutMs: number;
}

type SubgraphReply = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** Keep-alive connections to one subgraph; more requests than these wait their turn. */
const CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

/**
 * Sends the gateway's fetches to one subgraph: keep-alive pool, one deadline over the whole exchange, the client's abort
 * passed down, and only the headers that a subgraph is meant to see. Its failures are AppErrors that name the service, not its address.
 */
export class SubgraphDataSource implements GraphQLDataSource<Partial<EdgeContext>> {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #replies = new SharedReplies();

  constructor(private readonly options: SubgraphOptions) {
    const url = new URL(`${options.url}/graphql`);
    this.#path = url.pathname;
    this.#pool = new Pool(url.origin, {
      connections: CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // The deadline below covers these; undici's own would answer with errors that we do not want to tell apart.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async process({ request, context }: GraphQLDataSourceProcessOptions<Partial<EdgeContext>>): Promise<SubgraphReply> {
    const { query, variables, operationName } = request;
    const fetch = { query, variables, operationName };
    try {
      return parsedReply(await this.#replies.of(context, fetch, () => this.#send(JSON.stringify(fetch), context)));
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Whether the subgraph is alive at all. */
  async ping(): Promise<void> {
    const reply = await this.#pool.request({ path: '/healthz', method: 'GET' });
    await reply.body.dump();
    if (reply.statusCode !== 200) throw new Error(`/healthz answered ${reply.statusCode}`);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #send(body: string, context: Partial<EdgeContext>): Promise<Reply> {
    return exchange(this.#pool, {
      path: this.#path,
      headers: headersFor(context),
      body,
      timeoutMs: this.options.timeoutMs,
      maxReplyBytes: MAX_REPLY_BYTES,
      signal: context.signal,
    });
  }

  #failure(cause: unknown): AppError {
    const { name } = this.options;
    if (cause instanceof DeadlinePassed)
      return new AppError('UPSTREAM_TIMEOUT', `The "${name}" service took too long.`, { cause });
    return new AppError('SERVICE_UNAVAILABLE', `The "${name}" service is not available.`, { cause });
  }
}

function headersFor({
  accessToken,
  viewer,
  requestId,
  userAgent,
  clientIp,
}: Partial<EdgeContext>): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(requestId && { [REQUEST_ID_HEADER]: requestId }),
    ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    ...(viewer && { [USER_ID_HEADER]: viewer.id }),
    ...(userAgent && { 'user-agent': userAgent }),
    ...(clientIp && { 'x-forwarded-for': clientIp }),
  };
}

/** A subgraph may refuse the whole request with its own error document; whatever else is not GraphQL is a failure. */
function parsedReply({ status, headers, text }: Reply): SubgraphReply {
  if (!/^application\/(graphql-response\+)?json\b/.test(String(headers['content-type']))) {
    throw new Error(`the reply is ${String(headers['content-type'])}, status ${status}`);
  }
  const parsed = JSON.parse(text) as { data?: Record<string, unknown> | null; errors?: GraphQLFormattedError[] };
  if (parsed.data === undefined && !Array.isArray(parsed.errors)) throw new Error(`no GraphQL reply, status ${status}`);
  return {
    ...(parsed.data !== undefined && { data: parsed.data }),
    ...(parsed.errors && { errors: parsed.errors }),
  };
}

/**
 * An error that a subgraph reported, as one of ours: its code must be in the catalogue, since a subgraph has masked
 * everything else already. Undefined where it does not come from a subgraph.
 */
export function subgraphError(error: GraphQLError): AppError | undefined {
  const { code, issues, retryAfterSec, serviceName } = error.extensions;
  if (serviceName === undefined || !isErrorCode(code) || code === 'INTERNAL_SERVER_ERROR') return undefined;
  return new AppError(code, error.message, {
    issues: Array.isArray(issues) ? (issues as InputIssue[]) : [],
    retryAfterSec: typeof retryAfterSec === 'number' ? retryAfterSec : undefined,
  });
}
