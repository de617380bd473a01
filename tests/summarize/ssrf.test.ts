import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { FetchRefused } from '#shared/safe-fetch/fetch-refused.js';
import { PUBLIC_WEB, type Network } from '#shared/safe-fetch/network.js';
import { isPublicAddress } from '#shared/safe-fetch/public-address.js';
import { SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import { FORBIDDEN_URLS, NAMES } from './forbidden-urls.js';
import { startCanary, startPageServer, type Canary, type Page, type PageServer } from './listeners.js';

let canary: Canary;
let server: PageServer;

beforeAll(async () => {
  [canary, server] = await Promise.all([startCanary(), startPageServer()]);
});
beforeEach(() => {
  server.requests.length = 0;
  server.pages.clear();
});
afterAll(() => {
  canary?.close();
  server?.close();
});

const resolve: Network['resolve'] = async (name) => NAMES[name.replace(/\.$/, '')] ?? [];
const patience = (): AbortSignal => AbortSignal.timeout(30_000);
const withCanary = (url: string): string => url.replaceAll('{port}', String(canary.port));

/** The real rule for addresses at any port, so that it is what keeps clients from the canary. */
const anyPort: Network = { resolve, permits: isPublicAddress };
const asBuilt: Network = { ...PUBLIC_WEB, resolve };
/** As {@link anyPort}, and the test's own server counts as a part of the public web. */
const withServer = (more: Partial<Network> = {}): Network => ({
  resolve,
  permits: (address, port) => (address === '127.0.0.1' && port === server.port) || isPublicAddress(address),
  ...more,
});

async function refusalOf(client: SafeFetch, url: string): Promise<string> {
  const refused = await client.get(url, patience()).then(
    () => null,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(FetchRefused);
  return (refused as FetchRefused).message;
}

describe('the canary', () => {
  it('is there, and counts', async () => {
    const own = await startCanary();
    await (await request(`http://127.0.0.1:${own.port}/`)).body.dump();
    expect(own.hits).toBe(1);
    own.close();
  });
});

describe('SafeFetch', () => {
  it('is tried with many URLs', () => {
    expect(new Set(FORBIDDEN_URLS).size).toBe(FORBIDDEN_URLS.length);
    expect(FORBIDDEN_URLS.length).toBeGreaterThan(120);
  });

  it.each(FORBIDDEN_URLS)('refuses %j, and reaches nobody', async (template) => {
    const url = withCanary(template);
    // Refused by a rule, and not only because nobody answered.
    const rule = /is not permitted|the name has no address|not a URL|the scheme|inside network|credentials/;
    expect(await refusalOf(new SafeFetch({ network: anyPort }), url)).toMatch(rule);
    expect(await refusalOf(new SafeFetch({ network: asBuilt }), url)).toMatch(rule);
    expect(canary.hits).toBe(0);
  });

  // In a redirect a scheme without slashes is a path on the server that it comes from.
  const redirects = FORBIDDEN_URLS.filter((url) => !/^http:\/?\d/.test(url));
  it.each(redirects)('does not follow a redirect to %j', async (template) => {
    const target = withCanary(template).replaceAll(/[\r\n]/g, '');
    server.pages.set('/', (_request, response) => {
      // As bytes: header values may not hold all that a URL may.
      response.socket?.end(`HTTP/1.1 302 Found\r\nlocation: ${target}\r\ncontent-length: 0\r\n\r\n`);
    });
    const refusal = await refusalOf(new SafeFetch({ network: withServer() }), `${server.origin}/`);
    expect(refusal).not.toContain('status');
    expect(canary.hits).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i from page to page to the canary', async (status) => {
    const to =
      (location: string): Page =>
      (_request, response) =>
        response.writeHead(status, { location }).end();
    server.pages.set('/', to('/next'));
    server.pages.set('/next', to(`http://127.0.0.1:${canary.port}/`));
    await refusalOf(new SafeFetch({ network: withServer() }), `${server.origin}/`);
    expect(server.requests.map(({ url }) => url)).toEqual(['/', '/next']);
    expect(canary.hits).toBe(0);
  });

  it('connects to the address that it has checked, whatever a second look-up would say', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let lookups = 0;
    const rebinding: Network['resolve'] = async () => answers[lookups++] ?? ['127.0.0.2'];
    const client = new SafeFetch({ network: withServer({ resolve: rebinding }) });
    server.pages.set('/', (_request, response) => response.end('once'));
    const { bytes } = await client.get(`http://pages.example:${server.port}/`, patience());
    expect(Buffer.from(bytes).toString()).toBe('once');
    expect(lookups).toBe(1);
  });

  it('checks a name anew that has moved between a page and the redirect from it', async () => {
    let lookups = 0;
    const rebinding: Network['resolve'] = async () => (lookups++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']);
    const client = new SafeFetch({ network: withServer({ resolve: rebinding }) });
    server.pages.set('/', (_request, response) => response.writeHead(302, { location: '/secret' }).end());
    const refusal = await refusalOf(client, `http://pages.example:${server.port}/`);
    expect(refusal).toContain('127.0.0.2 is not permitted');
    expect(server.requests.map(({ url }) => url)).toEqual(['/']);
    expect(lookups).toBe(2);
  });

  it('does not say a word to whom it turns out to be connected against the rules', async () => {
    let asked = 0;
    const network = withServer({ permits: () => asked++ === 0 });
    expect(await refusalOf(new SafeFetch({ network }), `${server.origin}/`)).toContain('127.0.0.1 is not permitted');
    expect(asked).toBe(2);
    expect(server.requests).toEqual([]);
  });

  it.each([
    'localhost',
    'localhost.',
    'app.localhost',
    'svc-auth',
    'printer.local',
    'metadata.google.internal',
    'kubernetes.default.svc.cluster.local.',
    'router.home.arpa',
  ])('does not even ask where %s is', async (name) => {
    const network = withServer({ resolve: async () => ['127.0.0.1'] });
    expect(await refusalOf(new SafeFetch({ network }), `http://${name}:${server.port}/`)).toContain('inside network');
    expect(server.requests).toEqual([]);
  });

  it.each(['user:password@', 'user@', ':password@'])('does not fetch with %s in the URL', async (credentials) => {
    const url = `http://${credentials}127.0.0.1:${server.port}/`;
    expect(await refusalOf(new SafeFetch({ network: withServer() }), url)).toContain('credentials');
    expect(server.requests).toEqual([]);
  });

  it.each([25, 8080, 3306, 6379, 9200, 27_017])('does not speak to port %i, whoever listens there', async (port) => {
    expect(PUBLIC_WEB.permits('93.184.216.34', port)).toBe(false);
    expect(await refusalOf(new SafeFetch(), `http://93.184.216.34:${port}/`)).toContain('is not permitted');
  });

  it('may speak to ports 80 and 443 of public addresses', () => {
    for (const port of [80, 443]) expect(PUBLIC_WEB.permits('93.184.216.34', port)).toBe(true);
  });
});
