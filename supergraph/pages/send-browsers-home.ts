import type { FastifyReply, FastifyRequest } from 'fastify';

/** Redirects who opens an address of the API in a browser, and so asks for HTML by name, to the landing page. */
export async function sendBrowsersHome(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> {
  if (request.method === 'GET' && /\btext\/html\b/i.test(request.headers.accept ?? '')) return reply.redirect('/');
}
