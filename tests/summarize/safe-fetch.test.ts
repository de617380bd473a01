import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FetchRefused } from '#shared/safe-fetch/fetch-refused.js';
import { SafeFetch, type FetchLimits } from '#shared/safe-fetch/safe-fetch.js';
import {
  cutOff,
  endless,
  endlessGzip,
  endlessHeaders,
  manyGzipMembers,
  sends,
  trickles,
  twoEncodings,
} from './hostile-pages.js';
import { startPageServer, type Page, type PageServer } from './listeners.js';

let server: PageServer;

beforeAll(async () => {
  server = await startPageServer();
});
beforeEach(() => {
  server.requests.length = 0;
  server.pages.clear();
});
afterAll(() => server?.close());

const MAX_BYTES = 64 * 1024;
const never = new AbortController().signal;

function fetcher(limits: Partial<FetchLimits> = {}): SafeFetch {
  const permits = (address: string, port: number): boolean => address === '127.0.0.1' && port === server.port;
  const network = { resolve: async () => ['127.0.0.1'], permits };
  return new SafeFetch({ network, limits: { maxBytes: MAX_BYTES, timeoutMs: 20_000, ...limits } });
}

function serve(page: Page, path = '/'): string {
  server.pages.set(path, page);
  return `${server.origin}${path}`;
}

async function refusalOf(fetching: Promise<unknown>): Promise<string> {
  const refused = await fetching.then(
    () => null,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(FetchRefused);
  return (refused as FetchRefused).message;
}

describe('SafeFetch', () => {
  it('returns bytes, type and place of a page', async () => {
    const url = serve(sends('hello', { 'content-type': 'text/plain; charset=utf-8' }), '/page');
    expect(await fetcher().get(`${url}?q=1#part`, never)).toEqual({
      url: `${url}?q=1`,
      contentType: 'text/plain; charset=utf-8',
      bytes: Buffer.from('hello'),
    });
    expect(server.requests[0]?.url).toBe('/page?q=1');
  });

  it('sends nothing but the name of the page’s server and what it can read', async () => {
    serve(sends('x'), '/next');
    const url = serve(sends('', { location: '/next', 'set-cookie': 'id=1' }, 302));
    await fetcher().get(url.replace('127.0.0.1', 'pages.example'), never);
    expect(server.requests).toHaveLength(2);
    for (const { method, headers } of server.requests) {
      expect(method).toBe('GET');
      expect(headers).toEqual({
        host: `pages.example:${server.port}`,
        connection: 'keep-alive',
        'user-agent': 'llm-supergraph',
        accept: expect.stringContaining('text/html'),
        'accept-encoding': 'gzip, deflate, br',
      });
    }
  });

  it('follows redirects, relative ones too, up to its limit', async () => {
    for (const hop of [0, 1, 2, 3, 4]) serve(sends('', { location: `${hop + 1}?from=${hop}` }, 302), `/hop/${hop}`);
    serve(sends('there'), '/hop/5');
    const page = await fetcher().get(`${server.origin}/hop/0`, never);
    expect(page.url).toBe(`${server.origin}/hop/5?from=4`);
    const refusal = await refusalOf(fetcher({ maxRedirects: 4 }).get(`${server.origin}/hop/0`, never));
    expect(refusal).toContain('more than 4 redirects');
  });

  it('gives up on redirects without end', async () => {
    const url = serve(sends('', { location: '/' }, 301));
    expect(await refusalOf(fetcher().get(url, never))).toContain('more than 5 redirects');
    expect(server.requests).toHaveLength(6);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
  ])('decodes %s', async (encoding, encode) => {
    const url = serve(sends(encode(Buffer.from('hello '.repeat(500))), { 'content-encoding': encoding }));
    expect(Buffer.from((await fetcher().get(url, never)).bytes).toString()).toBe('hello '.repeat(500));
  });

  it('takes a body of just the greatest length', async () => {
    for (const [body, headers] of [
      [Buffer.alloc(MAX_BYTES), {}],
      [gzipSync(Buffer.alloc(MAX_BYTES)), { 'content-encoding': 'gzip' }],
    ] as const) {
      const url = serve(sends(body, headers));
      expect((await fetcher().get(url, never)).bytes).toHaveLength(MAX_BYTES);
    }
  });

  const bomb = Buffer.alloc(16 * 1024 * 1024);
  const tooLong = /more than 65536 bytes|ResponseExceededMaxSize/;
  it.each<[string, Page, RegExp]>([
    ['one byte too many', sends(Buffer.alloc(MAX_BYTES + 1)), tooLong],
    ['a length that it announces', sends('', { 'content-length': '99999999999' }), tooLong],
    ['a gzip bomb', sends(gzipSync(bomb), { 'content-encoding': 'gzip' }), tooLong],
    ['a brotli bomb', sends(brotliCompressSync(bomb), { 'content-encoding': 'br' }), tooLong],
    ['a deflate bomb', sends(deflateSync(bomb), { 'content-encoding': 'deflate' }), tooLong],
    ['a bomb of many gzip members', sends(manyGzipMembers(), { 'content-encoding': 'gzip' }), tooLong],
    ['a bomb in a bomb', sends(gzipSync(gzipSync(bomb)), { 'content-encoding': 'gzip, gzip' }), /encoding/],
    ['two headers of encodings', twoEncodings, /encoding/],
    ['an encoding that nobody asked for', sends('x', { 'content-encoding': 'zstd' }), /encoding/],
    ['what is not of its encoding', sends('hello', { 'content-encoding': 'gzip' }), /incorrect header/],
    [
      'half of its encoding',
      sends(gzipSync('hello').subarray(0, 18), { 'content-encoding': 'gzip' }),
      /unexpected end/,
    ],
    ['no end', endless, tooLong],
    ['no end of an empty encoding', endlessGzip, tooLong],
    ['headers without end', endlessHeaders, /Headers Overflow/],
    ['a header of 20 KiB', sends('x', { 'x-long': 'x'.repeat(20 * 1024) }), /Headers Overflow/],
    [
      'not HTTP',
      (_request, response) => response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
      /HTTPParserError|SocketError/,
    ],
    ['nothing', (_request, response) => response.destroy(), /SocketError/],
    ['less than it says', cutOff, /SocketError|closed|aborted/],
    ['status 404', sends('x', {}, 404), /status 404/],
    ['status 401', sends('x', { 'www-authenticate': 'Basic' }, 401), /status 401/],
    ['status 500', sends('x', {}, 500), /status 500/],
    ['status 204', sends('', {}, 204), /status 204/],
    ['status 206', sends('x', {}, 206), /status 206/],
    ['a redirect without a place', sends('x', {}, 302), /status 302/],
    ['a redirect to no URL', sends('x', { location: 'http://[' }, 302), /not a URL/],
    ['a redirect to a URL of 3 KiB', sends('x', { location: `/${'x'.repeat(3_000)}` }, 302), /too long/],
  ])('refuses a page that sends %s', async (_case, page, reason) => {
    expect(await refusalOf(fetcher().get(serve(page), never))).toMatch(reason);
  });

  it('has one deadline for a page that trickles', async () => {
    const url = serve(trickles);
    expect(await refusalOf(fetcher({ timeoutMs: 300 }).get(url, never))).toMatch(/TimeoutError|AbortError/);
  });

  it('has one deadline for a page that never begins, and for hops together', async () => {
    serve(() => undefined, '/silent');
    const url = serve(sends('', { location: '/silent' }, 302));
    const refusal = await refusalOf(fetcher({ timeoutMs: 300 }).get(url, never));
    expect(refusal).toMatch(/\/silent: (?:TimeoutError|AbortError)/);
  });

  it('ends when its caller leaves, and so does the connection', async () => {
    const arrived = Promise.withResolvers<{ closed: Promise<unknown> }>();
    const url = serve((_request, response) => arrived.resolve({ closed: once(response, 'close') }));
    const caller = new AbortController();
    const fetching = refusalOf(fetcher().get(url, caller.signal));
    const { closed } = await arrived.promise;
    caller.abort(new Error('the client left'));
    expect(await fetching).toContain('the client left');
    await closed;
  });

  it('tells the log neither credentials nor a query', async () => {
    const where = `127.0.0.1:${server.port}/path?token=abc`;
    for (const url of [`http://${where}`, `http://ana:geheim@${where}`]) {
      const refusal = await refusalOf(fetcher().get(url, never));
      expect(refusal).toContain(`http://127.0.0.1:${server.port}/path: `);
      expect(refusal).not.toMatch(/abc|geheim|ana/);
    }
  });

  it('asks TLS servers for the name in the URL, and says nothing to one that cannot prove it', async () => {
    const names: string[] = [];
    const tls = createServer({
      SNICallback: (name, callback) => {
        names.push(name);
        callback(new Error('no certificate'));
      },
    });
    tls.on('secureConnection', () => names.push('spoken to'));
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
    const { port } = tls.address() as AddressInfo;
    const network = { resolve: async () => ['127.0.0.1'], permits: (address: string) => address === '127.0.0.1' };
    await refusalOf(new SafeFetch({ network }).get(`https://pages.example:${port}/`, never));
    expect(names).toEqual(['pages.example']);
    tls.close();
  });

  it('follows http to https, and never https to http', async () => {
    const https = new URL('https://pages.example/');
    const { checkedUrl } = await import('#shared/safe-fetch/checked-url.js');
    expect(checkedUrl('https://pages.example/', new URL('http://pages.example/')).href).toBe(https.href);
    expect(() => checkedUrl('http://pages.example/', https)).toThrow('down to http');
  });
});
