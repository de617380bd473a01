import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ContestedS3 {
  readonly endpoint: string;
  /** Conditional writes that were refused without being looked at. */
  refused: number;
  close(): void;
}

const REFUSALS = [
  [409, 'ConditionalRequestConflict'],
  [412, 'PreconditionFailed'],
] as const;

/** A proxy before a store that refuses a share of the conditional writes, as stores do that are written to by many. */
export async function contestedS3(endpoint: string, share: number): Promise<ContestedS3> {
  const { hostname, port } = new URL(endpoint);
  const proxy = createServer((request, response) => {
    const { method, url, headers } = request;
    const isConditional = headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
    if (method === 'PUT' && isConditional && Math.random() < share) {
      contested.refused += 1;
      const [status, code] = REFUSALS[contested.refused % 2]!;
      request.resume().once('end', () => {
        const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Try again.</Message></Error>`;
        response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
      });
      return;
    }
    const upstream = forward({ host: hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.once('error', () => response.destroy());
    request.pipe(upstream);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const contested: ContestedS3 = {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    refused: 0,
    close() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
  return contested;
}
