import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { loadConfig } from '#shared/config/load-config.js';
import { createLogger } from '#shared/logging/logger.js';
import { createHttpServer } from '#shared/server/http-server.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { supergraphConfig } from '../../supergraph/config.js';
import { createDoor } from '../../supergraph/server.js';

const log = createLogger({ level: 'silent', service: 'test' });
const TRICKLE_EVERY_MS = 20;

let server: FastifyInstance;
let port: number;
let asked = 0;
beforeAll(async () => {
  const times = { requestTimeoutMs: 700, headersTimeoutMs: 350, connectionsCheckMs: 50 };
  server = createHttpServer({ log, maxBodyBytes: 1_000_000, ...times });
  server.post('/', async () => {
    asked += 1;
    return { ok: true };
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  port = (server.server.address() as AddressInfo).port;
});
afterAll(() => server?.close());

/** Sends the head at once, then the rest byte by byte for as long as the server listens; what it said until it hung up. */
async function trickle(head: string, rest: (sent: number) => string): Promise<{ said: string; sent: number }> {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(head);
  let sent = 0;
  const timer = setInterval(() => {
    if (socket.writable) socket.write(rest((sent += 1)));
  }, TRICKLE_EVERY_MS);
  await closed(socket);
  clearInterval(timer);
  return { said, sent };
}

/** Whether it was ended or reset. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

/** The status line and the JSON of a reply that is not more than that. */
function reply(said: string): { status: number; type: string | undefined; body: unknown } {
  const [head = '', body = ''] = said.split('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
    type: /^content-type: (.*)$/im.exec(head)?.[1],
    body: JSON.parse(body),
  };
}

const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

describe('a client that takes its time', () => {
  it('with its headers is hung up on', async () => {
    const { said, sent } = await trickle('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', () => 'a');
    expect(sent).toBeGreaterThan(1);
    expect(reply(said)).toMatchObject({ status: 408, type: 'application/json', body: { statusCode: 408 } });
  });

  it('with one more header again and again is hung up on', async () => {
    const { said } = await trickle('GET / HTTP/1.1\r\nHost: x\r\n', (sent) => `X-Slow-${sent}: a\r\n`);
    expect(reply(said)).toMatchObject({ status: 408 });
  });

  it('with its body is hung up on, and what it asked for is not done', async () => {
    const before = asked;
    const { said } = await trickle(`${POST}Content-Length: 100000\r\n\r\n{"a":"`, () => 'a');
    expect(said === '' || reply(said).status === 408).toBe(true);
    expect(asked).toBe(before);
  });

  it('with the chunks of its body is hung up on', async () => {
    const before = asked;
    const { said } = await trickle(`${POST}Transfer-Encoding: chunked\r\n\r\n`, () => '1\r\n \r\n');
    expect(said === '' || reply(said).status === 408).toBe(true);
    expect(asked).toBe(before);
  });

  it('and sends nothing at all is hung up on', async () => {
    const socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });

  it('keeps nobody else from an answer', async () => {
    const slow = Array.from({ length: 50 }, () => trickle('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', () => 'a'));
    const quick = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' });
    expect(await quick.json()).toEqual({ ok: true });
    for (const { said } of await Promise.all(slow)) expect(reply(said).status).toBe(408);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0000\u0005hello', 400],
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ['a length and chunks', `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['20 kB of headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ])('is refused in JSON: %s', async (_what, text, status) => {
    const { said } = await trickle(text, () => '');
    if (said.includes('\r\n\r\n{')) expect(reply(said)).toMatchObject({ status, type: expect.stringMatching(/json/) });
    else expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(said).not.toMatch(/<html|<pre|<!doctype/i);
  });
});

describe('the public door', () => {
  it('waits 10 s for headers and 30 s for a request, and looks every 2 s', async () => {
    const { publicKey } = await createKeyPair();
    const url = 'http://127.0.0.1:1';
    const urls = { AUTH_URL: url, ANALYTICS_URL: url, IMAGE_URL: url, SUM_URL: url, CHAT_URL: url };
    const door = createDoor(loadConfig(supergraphConfig, { JWT_PUBLIC_KEY: publicKey, ...urls }), log);
    const { headersTimeout, requestTimeout } = door.server;
    const { connectionsCheckingInterval } = door.server as unknown as { connectionsCheckingInterval?: number };
    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 10_000, requestTimeout: 30_000 });
    expect([undefined, 2_000]).toContain(connectionsCheckingInterval);
    await door.close();
  });
});
