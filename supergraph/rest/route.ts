import type { z } from 'zod';
import type { ErrorCode } from '#shared/errors/error-codes.js';
import type { ServerEvent } from '../sse/server-event.js';
import type { JsonSchema } from './input-json-schema.js';
import type { TypedDocumentString } from './operations/operations.generated.js';

/** A request as a route sees it: nothing in it is checked yet, the operation's types do that. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Those that the route knows, by their names in its own spelling. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface QueryParameter {
  readonly name: string;
  /** What it may hold, as JSON Schema; for clients to read, since the operation's types are what checks it. */
  readonly schema: JsonSchema;
  readonly description: string;
  /** The same in words that follow "must be", where the route takes more than the operation's type. */
  readonly accepted?: string;
}

export interface HeaderParameter {
  readonly name: string;
  readonly description: string;
}

/** A route's answer as a stream of events, and the one subscription behind it. */
export interface EventStream {
  readonly document: string;
  readonly variables: Record<string, unknown>;
  /** Whether another request began what is streamed. */
  readonly joins: boolean;
  eventOf(data: unknown): ServerEvent | null;
}

interface StreamedRoute {
  readonly description: string;
  /** What a stream looks like. */
  readonly example: string;
  /** Null for a client who has seen all of it. Throws BAD_USER_INPUT for what is not an order. */
  open(request: RestRequest): EventStream | null;
}

interface RouteText {
  readonly method: 'GET' | 'POST';
  /** As fastify spells it, such as `/image/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** Whether a client must be signed in. */
  readonly access: 'public' | 'user';
  readonly status: 200 | 201 | 204;
}

interface RouteShape extends RouteText {
  /** The GraphQL input type that the JSON body is handed to, and whether there must be one. */
  readonly body?: { readonly input: string; readonly required: boolean };
  readonly query?: readonly QueryParameter[];
  /** Headers that have a meaning of their own here. */
  readonly headers?: readonly HeaderParameter[];
  /** What it may be refused with that does not follow from its other parts; see `routeErrors`. */
  readonly errors?: readonly ErrorCode[];
  /** For who accepts `text/event-stream`. */
  readonly stream?: StreamedRoute;
}

interface RouteDefinition<Data, Variables, Reply extends z.ZodType> extends RouteShape {
  readonly document: TypedDocumentString<Data, Variables>;
  /** Places of the request in the operation's variables; absent ones are left out. */
  variables(request: RestRequest): { readonly [Name in keyof Variables]: unknown };
  /** What the body of the answer holds. */
  readonly reply: Reply;
  toReply(data: Data): z.output<Reply>;
}

/** One route, and the one operation behind it. */
export interface RestRoute extends RouteShape {
  readonly document: string;
  readonly reply: z.ZodType;
  variables(request: RestRequest): Record<string, unknown>;
  toReply(data: unknown): unknown;
}

/** Holds a route to the types of its operation and of its reply, then forgets them. */
export function restRoute<Data, Variables, Reply extends z.ZodType>(
  definition: RouteDefinition<Data, Variables, Reply>,
): RestRoute {
  return { ...definition, document: String(definition.document) };
}

/** Holds a stream to the types of its subscription, then forgets them. */
export function eventStream<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  stream: {
    readonly variables: { readonly [Name in keyof Variables]: unknown };
    readonly joins: boolean;
    eventOf(data: Data): ServerEvent | null;
  },
): EventStream {
  return { ...stream, document: String(document), eventOf: (data) => stream.eventOf(data as Data) };
}
