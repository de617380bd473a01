import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { Pool, type Dispatcher } from 'undici';
import { AppError, type InputIssue } from '#shared/errors/app-error.js';
import { isErrorCode } from '#shared/errors/error-codes.js';
import { REQUEST_ID_HEADER, USER_ID_HEADER } from '#shared/context/request-id.js';
import type { EdgeContext } from '../edge/edge-context.js';
import { boundedText } from './bounded-text.js';

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
    const deadline = AbortSignal.timeout(this.options.timeoutMs);
    const signal = context.signal ? AbortSignal.any([context.signal, deadline]) : deadline;
    try {
      const reply = await this.#pool.request({
        path: this.#path,
        method: 'POST',
        headers: headersFor(context),
        body: JSON.stringify({ query, variables, operationName }),
        signal,
      });
      return parsedReply(reply, await boundedText(reply.body, MAX_REPLY_BYTES));
    } catch (cause) {
      throw this.#failure(cause, deadline);
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

  #failure(cause: unknown, deadline: AbortSignal): AppError {
    const { name } = this.options;
    if (cause instanceof AppError) return cause;
    if (deadline.aborted) return new AppError('UPSTREAM_TIMEOUT', `The "${name}" service took too long.`, { cause });
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
function parsedReply({ statusCode, headers }: Dispatcher.ResponseData, text: string): SubgraphReply {
  if (!/^application\/(graphql-response\+)?json\b/.test(String(headers['content-type']))) {
    throw new Error(`the reply is ${String(headers['content-type'])}, status ${statusCode}`);
  }
  const parsed = JSON.parse(text) as { data?: Record<string, unknown> | null; errors?: GraphQLFormattedError[] };
  if (parsed.data === undefined && !Array.isArray(parsed.errors))
    throw new Error(`no GraphQL reply, status ${statusCode}`);
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
  const { code, issues, serviceName } = error.extensions;
  if (serviceName === undefined || !isErrorCode(code) || code === 'INTERNAL_SERVER_ERROR') return undefined;
  return new AppError(code, error.message, { issues: Array.isArray(issues) ? (issues as InputIssue[]) : [] });
}
