import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { openApiDocument } from '../../supergraph/rest/openapi.js';
import { REST_ROUTES } from '../../supergraph/rest/routes.js';

interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema: Record<string, unknown> }[];
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: object }>>;
}

let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
beforeAll(async () => {
  const api = buildSchema(await readFile(join(import.meta.dirname, '../../schema/api.graphql'), 'utf8'));
  ({ paths } = openApiDocument(REST_ROUTES, api, '0.0.0') as { paths: typeof paths });
});

const operation = (route: string): Operation => {
  const [method = '', path = ''] = route.split(' ');
  const found = paths[path]?.[method.toLowerCase()];
  if (!found) throw new Error(`no ${route}`);
  return found;
};

const LLM = ['400', '401', '409', '413', '415', '422', '429', '502', '503', '504'];

describe('the OpenAPI document', () => {
  it.each([
    ['POST /auth/register', ['400', '409', '413', '415', '429', '503']],
    ['POST /auth/login', ['400', '401', '413', '415', '429', '503']],
    ['POST /auth/refresh', ['400', '401', '413', '415', '429', '503']],
    ['POST /auth/logout', ['400', '401', '429', '503']],
    ['GET /users/me', ['400', '401', '429', '503']],
    ['POST /analytics/events', ['400', '401', '403', '413', '415', '429', '503']],
    ['GET /analytics/user/{userId}/overview', ['400', '401', '404', '429', '503']],
    ['POST /image/generate', LLM],
    ['POST /summarize', [...LLM, '404'].toSorted()],
    ['POST /chat/message', [...LLM, '404'].toSorted()],
    ['GET /image/{id}', ['400', '401', '404', '429', '503']],
    ['GET /chat/session', ['400', '401', '429', '503']],
    ['GET /chat/session/{sessionId}', ['400', '401', '404', '429', '503']],
  ])('lists what %s may be refused with', (route, statuses) => {
    const { responses } = operation(route);
    expect(Object.keys(responses).filter((status) => /^[45]/.test(status))).toEqual(statuses);
    expect(responses).toHaveProperty('default');
  });

  it('says what each refusal means, by its codes', () => {
    const { responses } = operation('POST /summarize');
    expect(responses['409']?.description).toBe('`CONFLICT`: Conflict.');
    expect(responses['400']?.description).toContain('`BAD_USER_INPUT`: The input is not valid.');
    for (const [status, { content }] of Object.entries(responses)) {
      if (status >= '400' && status !== 'default') expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
    }
  });

  it('says what query parameters may hold', () => {
    const schemas = (route: string) =>
      Object.fromEntries((operation(route).parameters ?? []).map(({ name, schema }) => [name, schema]));
    expect(schemas('GET /chat/session')['first']).toMatchObject({ type: 'integer', minimum: 1, maximum: 100 });
    expect(schemas('GET /analytics/user/{userId}/timeseries')).toMatchObject({
      bucket: { type: 'string', enum: ['day', 'hour'], default: 'day' },
      from: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
    });
  });
});
