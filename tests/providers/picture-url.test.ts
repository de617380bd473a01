import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackImageModel } from '#shared/llm/fallback/fallback-image.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
import type { Network } from '#shared/safe-fetch/network.js';
import { isPublicAddress } from '#shared/safe-fetch/public-address.js';
import {
  breaksOff,
  fails,
  paints,
  startProviderDouble,
  stalls,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';
import { holdClock } from './held-clock.js';
import { failureOf } from './thrown.js';

const PICTURE = { prompt: 'a lighthouse', width: 64, height: 64, seed: 1 } as const;
const prices = new Prices({ paid: { '*': { image: 0.03 } }, free: { '*': { input: 0, output: 0 } } });

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

/** Answers an order with the URL of a picture, and the request for that URL by `respond`. */
const hasPictureAt = (url: string, respond: Respond): Respond => {
  return (call, response) => {
    if (call.method !== 'POST') return respond(call, response);
    const body = JSON.stringify({ created: 1, data: [{ url }] });
    return response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };
};
const hasPicture = (respond: Respond): Respond => hasPictureAt(`${double.origin}/pictures/1.png`, respond);

/** The public addresses, whatever the port: no test can listen on those of the web. */
const permits = (address: string): boolean => isPublicAddress(address);

const port = (): string => new URL(double.origin).port;
const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();

interface Terms {
  readonly signal?: AbortSignal;
  readonly network?: Network;
}

function draw(provider: string, { signal = new AbortController().signal, network }: Terms = {}) {
  const model = new OpenAiImageModel({ provider, baseUrl: double.baseUrl, model: 'm', prices }, network);
  const parts = { clock: holdClock(), log: { warn: () => undefined }, timeoutMs: 60_000, maxRetries: 2 };
  return new FallbackImageModel([model], new Fallback(parts)).generateImage(PICTURE, { signal });
}
const orders = (): number => double.calls.filter(({ method }) => method === 'POST').length;

describe('a picture that a provider answers with the URL of', () => {
  it('is fetched from there', async () => {
    const png = await picture();
    double.respond = hasPicture(paints(png));
    const { bytes, costUsd } = await draw('paid');
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(costUsd).toBe(0.03);
  });

  const failures: [string, Respond][] = [
    ['is answered with a 404', fails(404)],
    ['is answered with a 429', fails(429)],
    ['is answered with a 503', fails(503)],
    ['breaks off', breaksOff],
    ['loses its connection', (_call, response) => response.destroy()],
    [
      'loses its connection in the picture',
      (_call, response) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': '5000' });
        response.write('PNG', () => response.destroy());
      },
    ],
    ['leads elsewhere', (_call, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ];

  it.each(failures)('has cost its price and is not ordered again where fetching it %s', async (_case, respond) => {
    double.respond = hasPicture(respond);
    expect(await failureOf(draw('paid'))).toMatchObject({
      code: 'UPSTREAM_ERROR',
      fault: 'unusable',
      spent: { tokens: { in: 3, out: 0, estimated: true }, costUsd: 0.03 },
    });
    expect(orders()).toBe(1);
  });

  it('has cost its price where the URL leads into a private network', async () => {
    double.respond = hasPictureAt('http://10.0.0.1/1.png', fails(500));
    expect(await failureOf(draw('paid'))).toMatchObject({ fault: 'unusable', spent: { costUsd: 0.03 } });
    expect(orders()).toBe(1);
  });

  it.each([
    ['an address of this machine', ['127.0.0.1']],
    ['an address of this machine beside a public one', ['192.0.1.1', '127.0.0.1']],
    ['no address', []],
  ])('has cost its price where its name leads to %s, and is not asked for', async (_case, addresses) => {
    double.respond = hasPictureAt(`http://pictures.example:${port()}/1.png`, fails(500));
    const network = { permits, resolve: async () => addresses };
    expect(await failureOf(draw('paid', { network }))).toMatchObject({ fault: 'unusable', spent: { costUsd: 0.03 } });
    expect(double.calls).toHaveLength(1);
  });

  it('is fetched from elsewhere, by the addresses that were looked at', async () => {
    const png = await picture();
    double.respond = hasPictureAt(`http://pictures.example:${port()}/1.png`, paints(png));
    const network = { permits: (address: string) => address === '127.0.0.1', resolve: async () => ['127.0.0.1'] };
    const { bytes } = await draw('paid', { network });
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(double.calls.at(-1)).toMatchObject({ method: 'GET', headers: { host: `pictures.example:${port()}` } });
  });

  it.each([
    ['unpriced', null],
    ['free', 0],
  ])('of a provider that is %s has cost %j', async (provider, costUsd) => {
    double.respond = hasPicture(fails(503));
    expect((await failureOf(draw(provider))).spent).toMatchObject({ costUsd });
    expect(orders()).toBe(1);
  });

  it('is left where the client leaves, and may have cost', async () => {
    double.respond = hasPicture(stalls);
    const client = new AbortController();
    const failed = failureOf(draw('paid', { signal: client.signal }));
    await double.nextCall();
    const { closed } = await double.nextCall();
    client.abort();
    expect(await failed).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST', spent: { costUsd: null } });
    await closed;
  });
});
