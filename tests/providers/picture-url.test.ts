import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Fallback } from '#shared/llm/fallback/fallback.js';
import { FallbackImageModel } from '#shared/llm/fallback/fallback-image.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
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

function draw(provider: string, signal = new AbortController().signal) {
  const model = new OpenAiImageModel({ provider, baseUrl: double.baseUrl, model: 'm', prices });
  const parts = { clock: holdClock(), log: { warn: () => undefined }, timeoutMs: 60_000, maxRetries: 2 };
  return new FallbackImageModel([model], new Fallback(parts)).generateImage(PICTURE, { signal });
}
const orders = (): number => double.calls.filter(({ method }) => method === 'POST').length;

describe('a picture that a provider answers with the URL of', () => {
  it('is fetched from there', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
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
    const failed = failureOf(draw('paid', client.signal));
    await double.nextCall();
    const { closed } = await double.nextCall();
    client.abort();
    expect(await failed).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST', spent: { costUsd: null } });
    await closed;
  });
});
