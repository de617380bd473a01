import type { GraphQLSchema } from 'graphql';
import { z } from 'zod';
import { ERROR_CODES } from '#shared/errors/error-codes.js';
import { PROBLEM_CONTENT_TYPE } from '#shared/errors/problem.js';
import { inputJsonSchema, type JsonSchema } from './input-json-schema.js';
import { routeErrors } from './route-errors.js';
import type { RestRoute } from './route.js';

const PROBLEM: JsonSchema = z.toJSONSchema(
  z.object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(ERROR_CODES)),
    requestId: z.uuid(),
    issues: z.array(z.object({ path: z.string(), rule: z.string(), message: z.string() })).optional(),
  }),
  { target: 'openapi-3.0' },
);

const PROBLEM_CONTENT = { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

/** The REST routes as an OpenAPI 3.1 document: bodies by the GraphQL inputs they become, replies by what the routes promise. */
export function openApiDocument(routes: readonly RestRoute[], api: GraphQLSchema, version: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, JsonSchema> = { Problem: PROBLEM };
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, api, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'LLM supergraph',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description: 'REST routes over the GraphQL API at `/graphql`. Errors are problem documents (RFC 9457).',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      responses: {
        Problem: {
          description: 'What went wrong: `code` is one of a closed set.',
          content: PROBLEM_CONTENT,
        },
      },
    },
  };
}

function operationOf(route: RestRoute, api: GraphQLSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const { access, body, document, headers = [], path, query = [], summary, tag } = route;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = query.map(({ name, schema, description }) => ({ name, in: 'query', description, schema }));
  const inHeaders = headers.map((header) => ({ ...header, in: 'header', schema: { type: 'string' } }));
  const parameters = [...inPath, ...inQuery, ...inHeaders];
  if (body) Object.assign(schemas, inputJsonSchema(api, body.input));
  return {
    operationId: /(?:query|mutation) (\w+)/.exec(document)?.[1],
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${body.input}` } } },
      },
    }),
    security: access === 'user' ? [{ accessToken: [] }] : [],
    responses: {
      ...successOf(route),
      ...errorsOf(route),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function errorsOf(route: RestRoute): JsonSchema {
  return Object.fromEntries(
    routeErrors(route).map(({ status, codes }) => {
      const description = codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(' ');
      return [status, { description, content: PROBLEM_CONTENT }];
    }),
  );
}

function successOf({ status, reply, stream }: RestRoute): JsonSchema {
  if (status === 204) return { 204: { description: 'Done.' } };
  const { $schema: _dialect, ...schema } = z.toJSONSchema(reply, { unrepresentable: 'any' });
  const json = { 'application/json': { schema } };
  if (!stream) return { [status]: { description: 'The answer.', content: json } };
  const { description, example } = stream;
  const events = { 'text/event-stream': { schema: { type: 'string', description }, example } };
  return {
    [status]: { description: 'The answer.', content: { ...json, ...events } },
    204: { description: 'There are no more events after `Last-Event-ID`.' },
  };
}
