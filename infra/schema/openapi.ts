import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { z } from 'zod';
import { openApiDocument } from '../../supergraph/rest/openapi.js';
import { REST_ROUTES } from '../../supergraph/rest/routes.js';
import { keepGenerated } from './generated-files.js';

/** `schema/openapi.json` from the REST routes and `schema/api.graphql`; with `--check` only compared. */
const root = join(import.meta.dirname, '../../..');
const api = buildSchema(await readFile(join(root, 'schema/api.graphql'), 'utf8'));
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
const document = openApiDocument(REST_ROUTES, api, version);
await keepGenerated(root, new Map([['schema/openapi.json', `${JSON.stringify(document, null, 2)}\n`]]));
