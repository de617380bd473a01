import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, badInput, badInputs, type InputIssue } from '#shared/errors/app-error.js';
import type { EdgeContext } from '../edge/edge-context.js';
import type { EdgeContextOf } from '../edge/open-edge.js';
import { refuseOtherMethods } from '../edge/other-methods.js';
import type { ExecuteOperation } from '../gateway/execute-operation.js';
import { acceptsStream } from '../sse/accepts-stream.js';
import type { StreamDoor } from '../sse/open-stream-door.js';
import { operationError } from '../gateway/operation-error.js';
import { parsedOperation } from './parsed-operation.js';
import type { EventStream, QueryParameter, RestRequest, RestRoute } from './route.js';
import { REST_ROUTES } from './routes.js';

export interface RestParts {
  readonly execute: ExecuteOperation;
  readonly edgeContextOf: EdgeContextOf;
  readonly streams: StreamDoor;
}

/** Serves every REST route by its GraphQL operation, and says 405 where an address has other methods than the one asked. */
export function registerRest(server: FastifyInstance, parts: RestParts): void {
  void server.register(async (rest) => {
    acceptEmptyJson(rest);
    rest.removeContentTypeParser('text/plain');
    for (const route of REST_ROUTES) {
      rest.route({
        method: route.method,
        url: route.path,
        handler: (request, reply) => answer(route, request, reply, parts),
      });
    }
    for (const [path, allowed] of allowedMethods()) refuseOtherMethods(rest, path, allowed);
  });
}

async function answer(
  route: RestRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: RestParts,
): Promise<FastifyReply> {
  const { execute, edgeContextOf } = parts;
  const context = edgeContextOf(request, reply, route.access === 'public' ? 'ignored' : 'verified');
  assertSignedIn(route, context);
  if (route.stream) {
    reply.header('vary', [reply.getHeader('vary'), 'accept'].filter(Boolean).join(', '));
    // HEAD has nothing to stream to.
    const isWanted = request.method !== 'HEAD' && acceptsStream(request.headers.accept);
    if (isWanted) return stream(route.stream.open(checked(route, request)), context, reply, parts);
  }
  const variables = route.variables(checked(route, request));
  const { data, errors } = await execute({ document: route.document, variables: given(variables) }, context);
  if (errors.length > 0) throw operationError(errors, route.query);
  return reply.code(route.status).send(route.toReply(data));
}

function stream(
  opened: EventStream | null,
  context: EdgeContext,
  reply: FastifyReply,
  { streams }: RestParts,
): Promise<FastifyReply> | FastifyReply {
  // Whoever reads events comes back for more after their end; this tells it that there is no more (HTML §9.2.3).
  if (!opened) return reply.code(204).send();
  const { document, variables, eventOf, joins } = opened;
  return streams.serve({ operation: parsedOperation(document, given(variables)), eventOf, joins }, context, reply);
}

/** Before anything else is looked at: a caller who is not signed in learns nothing about its input. */
function assertSignedIn({ access }: RestRoute, { viewer }: EdgeContext): void {
  if (access === 'user' && !viewer) throw new AppError('UNAUTHENTICATED', 'Sign in to use this.');
}

/** Sees to what GraphQL does not: the body's presence and shape, and parameters that the route does not have. */
function checked(route: RestRoute, request: FastifyRequest): RestRequest {
  const { body: expected, query: known = [], headers = [] } = route;
  const { body, params, query } = request as { body: unknown; params: RestRequest['params']; query: object };
  if (expected?.required && body === undefined) throw new AppError('BAD_REQUEST', 'The request body is empty.');
  if (expected && body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw badInput('body', 'type', 'The request body must be a JSON object.');
  }
  const parameters = checkedQuery(query, known);
  const named = headers.map(({ name }) => [name, request.headers[name.toLowerCase()]] as const);
  const sent = named.filter((header): header is [string, string] => typeof header[1] === 'string');
  return { body, params, query: parameters, headers: Object.fromEntries(sent) };
}

function checkedQuery(query: object, known: readonly QueryParameter[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  const issues: InputIssue[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (!known.some((parameter) => parameter.name === name)) {
      issues.push({ path: name, rule: 'unknownField', message: `${name} is not a known parameter.` });
    } else if (typeof value !== 'string') {
      issues.push({ path: name, rule: 'once', message: `${name} must be given once.` });
    } else if (value !== '') {
      parameters[name] = value;
    }
  }
  if (issues.length > 0) throw badInputs(issues);
  return parameters;
}

/** A variable that is absent takes its default; one that is undefined would not. */
function given(variables: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

function allowedMethods(): Map<string, string[]> {
  const allowed = new Map<string, string[]>();
  for (const { method, path } of REST_ROUTES) allowed.set(path, [...(allowed.get(path) ?? []), method]);
  return allowed;
}

/** Clients that always say `Content-Type: application/json` say so for an empty body too, which some routes allow. */
function acceptEmptyJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() === '') done(null, undefined);
    else void parse(request, body, done);
  });
}
