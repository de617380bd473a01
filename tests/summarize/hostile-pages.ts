import { gzipSync } from 'node:zlib';
import type { Page } from './listeners.js';

/** How pages are answered that tests fetch, in good and in bad faith. */

export const sends =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Page =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

export function manyGzipMembers(): Buffer {
  const member = gzipSync(Buffer.alloc(1024));
  return Buffer.concat(Array.from({ length: 1_000 }, () => member));
}

export const twoEncodings: Page = (_request, response) =>
  response
    .writeHead(200, [
      ['content-encoding', 'gzip'],
      ['content-encoding', 'gzip'],
    ])
    .end(gzipSync(gzipSync('x')));

export const endless: Page = (_request, response) => pump(response, Buffer.alloc(16 * 1024));

/** Members of nothing: the body grows, and what it decodes to does not. */
export const endlessGzip: Page = (_request, response) => {
  response.writeHead(200, { 'content-encoding': 'gzip' });
  pump(response, Buffer.concat(Array.from({ length: 500 }, () => gzipSync(''))));
};

export const endlessHeaders: Page = (_request, response) => {
  response.socket?.write('HTTP/1.1 200 OK\r\n');
  if (response.socket) pump(response.socket, Buffer.from(`x-more: ${'x'.repeat(1_000)}\r\n`));
};

export const cutOff: Page = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('x', () => response.destroy());
};

export const trickles: Page = (_request, response) => {
  const timer = setInterval(() => response.write('x'), 20);
  response.once('close', () => clearInterval(timer));
};

/** Writes until the other side has had enough. */
function pump(stream: NodeJS.WritableStream, chunk: Buffer): void {
  stream.once('error', () => undefined);
  const more = (): boolean => stream.write(chunk, (error) => !error && more());
  more();
}
