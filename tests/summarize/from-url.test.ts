import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { isPublicAddress } from '#shared/safe-fetch/public-address.js';
import { SafeFetch } from '#shared/safe-fetch/safe-fetch.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { baseOf, expectRecorded } from '../support/record-expectation.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { FORBIDDEN_URLS, NAMES } from './forbidden-urls.js';
import { sends, trickles } from './hostile-pages.js';
import { startCanary, startPageServer, type Canary, type Page, type PageServer } from './listeners.js';
import { pdfOf } from './pdf-file.js';
import { SUMMARIZE_QUERY, summarizeWith, type SummaryReply } from './summarize-under-test.js';

const STORY = [
  'The lighthouse keeper lights the lamp of the lighthouse every evening.',
  'Ships far out at sea steer by the lamp of the lighthouse.',
  'He also grows tomatoes.',
  'When the lamp of the lighthouse goes out, ships at sea are in danger.',
  'So the keeper never sleeps before the lamp of the lighthouse burns.',
];

let canary: Canary;
let web: PageServer;
let llm: LlmUnderTest;
let hashing: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  [canary, web] = await Promise.all([startCanary(), startPageServer()]);
  const network = {
    resolve: async (name: string) => NAMES[name] ?? (name === 'pages.example' ? ['127.0.0.1'] : []),
    permits: (address: string, port: number) =>
      (address === '127.0.0.1' && port === web.port) || isPublicAddress(address),
  };
  // Time enough on a busy machine for what is to come, and little for what is not.
  const fetcher = new SafeFetch({ network, limits: { timeoutMs: 3_000 } });
  [llm, hashing] = await Promise.all([
    startLlm(summarizeWith({ fetcher })),
    startLlm(summarizeWith({ fetcher, storage: 'hash' }), { PROMPT_STORAGE: 'hash' }),
  ]);
  ana = llm.newAccount();
});
beforeEach(() => {
  web.requests.length = 0;
  web.pages.clear();
});
afterAll(async () => {
  await Promise.all([llm?.stop(), hashing?.stop()]);
  canary?.close();
  web?.close();
});

const serve = (page: Page, path = '/page'): string => {
  web.pages.set(path, page);
  return `http://pages.example:${web.port}${path}`;
};
const html = (body: string): Page => sends(body, { 'content-type': 'text/html; charset=utf-8' });
const ARTICLE = `<html><head><title>The lamp</title></head><body><nav>Home</nav><article><p>${STORY.join(' ')}</p></article></body></html>`;

async function summarize(input: Record<string, unknown>, { token } = ana, at = llm): Promise<SummaryReply> {
  const sent = { query: SUMMARIZE_QUERY, variables: { input }, token };
  return (await graphqlData<{ summarize: SummaryReply }>(at.url, sent)).summarize;
}

async function faultOf(url: string, account = ana) {
  const sent = { query: SUMMARIZE_QUERY, variables: { input: { url, length: 'short' } }, token: account.token };
  const { errors, text } = await sendGraphql(llm.url, sent);
  return { message: errors[0]?.message, extensions: errors[0]?.extensions, text };
}

async function recordsOf({ id }: Account): Promise<Record<string, unknown>[]> {
  const keys = (await llm.keys('requests/')).filter((key) => key.endsWith('/record.json'));
  const records = await Promise.all(keys.map((key) => llm.json(key)));
  return records.filter(({ userId }) => userId === id);
}

describe('Mutation.summarize of a url', () => {
  it('summarizes the main text of a page; the record says where it was, and nothing keeps the page', async () => {
    serve(html(ARTICLE), '/lamp');
    const url = serve(sends('', { location: '/lamp#burning' }, 302), '/old');
    const reply = await summarize({ url, length: 'short' });
    expect(STORY).toEqual(expect.arrayContaining(reply.text.split(/(?<=\.) /)));
    const record = await expectRecorded(llm, reply, { account: ana, input: { url, length: 'short' } });
    expect(record).toMatchObject({
      prompt: url,
      promptHash: `sha256:${createHash('sha256').update(url).digest('hex')}`,
      meta: {
        params: { length: 'short' },
        source: {
          url: `http://pages.example:${web.port}/lamp`,
          title: 'The lamp',
          contentType: 'text/html; charset=utf-8',
          bytes: Buffer.byteLength(ARTICLE),
          characters: STORY.join(' ').length,
          textHash: `sha256:${createHash('sha256').update(STORY.join(' ')).digest('hex')}`,
        },
      },
    });
    const base = baseOf(reply);
    const kept = await Promise.all(['input.json', 'record.json'].map((file) => llm.bytes(`${base}${file}`)));
    for (const file of kept) expect(file.toString()).not.toContain('tomatoes');
  });

  it.each([
    ['plain text', sends(STORY.join('\n'), { 'content-type': 'text/plain' })],
    ['a PDF', sends(pdfOf([STORY]), { 'content-type': 'application/pdf' })],
  ])('summarizes %s', async (_case, page) => {
    const { text } = await summarize({ url: serve(page), length: 'short', style: 'bullet' });
    for (const line of text.split('\n')) expect(STORY).toContain(line.slice(2));
  });

  it('sends nothing of the request to the page’s server', async () => {
    const url = serve(html(ARTICLE));
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${ana.token}`,
      'x-request-id': '0b9f7d52-7c1e-4a53-8a52-6f3f3a0f9e21',
      'x-user-id': ana.id,
      'x-canary': 'canary',
      cookie: 'canary=1',
      'accept-language': 'es',
    };
    const body = JSON.stringify({ query: SUMMARIZE_QUERY, variables: { input: { url } } });
    const answer = await request(`${llm.url}/graphql`, { method: 'POST', headers, body });
    expect(await answer.body.text()).toContain('"status":200');
    const names = Object.keys(web.requests[0]?.headers ?? {});
    expect(names.toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(JSON.stringify(web.requests[0]?.headers)).not.toMatch(/canary|Bearer|0b9f7d52/);
  });

  const schemes = FORBIDDEN_URLS.filter((url) => /^https?:\/\/\S+$/i.test(url));
  it('answers every page that it does not fetch with the same bytes, and the canary sees nobody', async () => {
    const urls = [
      ...schemes.map((url) => url.replaceAll('{port}', String(canary.port))),
      `http://pages.example:${canary.port}/`,
      serve(sends('x', {}, 404), '/404'),
      serve(sends('', { location: `http://127.0.0.1:${canary.port}/` }, 302), '/redirect'),
      serve(sends('', { location: '/loop' }, 302), '/loop'),
      serve(sends(Buffer.alloc(6 * 1024 * 1024)), '/long'),
      serve((_request, response) => response.destroy(), '/broken'),
      serve(trickles, '/slow'),
      'http://nowhere.example/',
    ];
    expect(urls.length).toBeGreaterThan(100);
    const faults = await Promise.all(urls.map((url) => faultOf(url)));
    expect(new Set(faults.map(({ text }) => text.replaceAll(/"locations":\[[^\]]*\],?/g, ''))).size).toBe(1);
    expect(faults[0]).toMatchObject({
      message: expect.stringContaining('could not be fetched'),
      extensions: { code: 'BAD_USER_INPUT', retryable: false, issues: [{ path: 'input.url', rule: 'reachable' }] },
    });
    expect(faults[0]?.text).not.toMatch(/127\.0\.0\.1|permitted|example/);
    expect(canary.hits).toBe(0);
  });

  it('records a page that was not fetched, as any request that failed, with nothing of why', async () => {
    const bob = llm.newAccount();
    await faultOf(`http://127.0.0.1:${canary.port}/secret?token=abc`, bob);
    const [record] = await recordsOf(bob);
    expect(record).toMatchObject({ status: 400, cost: { usd: 0 }, artifacts: {}, meta: { error: 'BAD_USER_INPUT' } });
    expect(record?.['meta']).not.toHaveProperty('source');
    expect(JSON.stringify(record)).not.toContain('permitted');
    await llm.eventBy(({ userId, status }) => userId === bob.id && status === 400);
  });

  it.each<[string, Page, string]>([
    ['a picture', sends('PNG', { 'content-type': 'image/png' }), 'contentType'],
    ['a page of scripts', html('<html><body><script>document.write("Hello")</script></body></html>'), 'hasText'],
    ['nothing', html(''), 'hasText'],
    ['a broken PDF', sends('%PDF-1.7 garbage', { 'content-type': 'application/pdf' }), 'readable'],
    ['a PDF of pictures', sends(pdfOf([[], []]), { 'content-type': 'application/pdf' }), 'hasText'],
    ['a text that is too long', sends('word '.repeat(200_001), { 'content-type': 'text/plain' }), 'maxLength'],
  ])('says what is wrong with %s', async (_case, page, rule) => {
    expect(await faultOf(serve(page))).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', issues: [{ path: 'input.url', rule }] },
    });
  });

  it('keeps neither address nor title where no words are kept', async () => {
    const bob = hashing.newAccount();
    const url = serve(html(ARTICLE), '/secret-page');
    const reply = await summarize({ url, length: 'short' }, bob, hashing);
    expect(reply.text).toContain('lighthouse');
    for (const key of await hashing.keys()) {
      expect((await hashing.bytes(key)).toString()).not.toMatch(/secret-page|The lamp|lighthouse/);
    }
    expect(await hashing.json(`${baseOf(reply)}record.json`)).toMatchObject({
      meta: { source: { bytes: Buffer.byteLength(ARTICLE), textHash: expect.stringMatching(/^sha256:/) } },
    });
  });

  it('is ended when the client leaves', async () => {
    const arrived = Promise.withResolvers<{ closed: Promise<unknown> }>();
    const url = serve((_request, response) => {
      arrived.resolve({ closed: new Promise((resolve) => response.once('close', resolve)) });
    });
    const client = new AbortController();
    const bob = llm.newAccount();
    const asked = request(`${llm.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bob.token}` },
      body: JSON.stringify({ query: SUMMARIZE_QUERY, variables: { input: { url } } }),
      signal: client.signal,
    });
    const { closed } = await arrived.promise;
    client.abort();
    await expect(asked).rejects.toThrow();
    await closed;
    await llm.eventBy(({ userId, status }) => userId === bob.id && status === 499);
  });
});
