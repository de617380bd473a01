import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../package-root.js';

const PAGES: readonly [url: string, file: string, type: string][] = [
  ['/', 'supergraph/pages/landing.html', 'text/html; charset=utf-8'],
  ['/landing.css', 'supergraph/pages/landing.css', 'text/css; charset=utf-8'],
  ['/docs', 'supergraph/pages/docs.html', 'text/html; charset=utf-8'],
  ['/docs/start.js', 'supergraph/pages/docs-start.js', 'text/javascript; charset=utf-8'],
  ['/openapi.json', 'schema/openapi.json', 'application/json; charset=utf-8'],
];

/** A landing page, the REST routes as a document and to browse. They load nothing from other sites. */
export async function registerPages(server: FastifyInstance): Promise<void> {
  for (const [url, file, type] of PAGES) {
    const content = await readFile(join(PACKAGE_ROOT, file));
    server.get(url, async (_request, reply) => reply.type(type).send(content));
  }
  await server.register(fastifyStatic, {
    root: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
    prefix: '/docs/ui/',
    allowedPath: (path) => /^\/(swagger-ui\.css|swagger-ui-bundle\.js|favicon-32x32\.png)$/.test(path),
    index: false,
    decorateReply: false,
  });
}
