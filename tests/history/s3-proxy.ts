import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a store does to a call instead of answering it: refuses it unseen, or carries it out and loses the reply. */
export type Interference = readonly [status: number, code: string] | 'loseReply' | null;

export interface S3Proxy {
  readonly endpoint: string;
  close(): void;
}

export function isConditional({ method, headers }: IncomingMessage): boolean {
  return method === 'PUT' && (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined);
}

/** A proxy before a store that interferes with some of the calls. */
export async function s3Proxy(
  endpoint: string,
  interfere: (request: IncomingMessage) => Interference,
): Promise<S3Proxy> {
  const { hostname, port } = new URL(endpoint);
  const proxy = createServer((request, response) => {
    const { method, url, headers } = request;
    const interference = interfere(request);
    if (Array.isArray(interference)) {
      const [status, code] = interference as [number, string];
      request.resume().once('end', () => {
        const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
        response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
      });
      return;
    }
    const upstream = forward({ host: hostname, port, method, path: url, headers }, (answer) => {
      if (interference === 'loseReply') {
        answer.resume().once('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.once('error', () => response.destroy());
    request.pipe(upstream);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
