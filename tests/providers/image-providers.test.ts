import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { PngImageModel } from '#shared/llm/image/png-image.js';
import type { GeneratedImage, ImageModel, ImageRequest } from '#shared/llm/llm.port.js';
import { Prices } from '#shared/llm/prices/prices.js';
import { OpenAiImageModel } from '#shared/llm/providers/openai-images.provider.js';
import { PollinationsImageModel } from '#shared/llm/providers/pollinations-image.provider.js';
import type { RemoteSettings } from '#shared/llm/providers/remote.js';
import { StabilityImageModel } from '#shared/llm/providers/stability-image.provider.js';
import {
  breaksOff,
  draws,
  fails,
  floods,
  INTERNALS,
  isSilent,
  paints,
  sends,
  stalls,
  startProviderDouble,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';
import { failureOf } from './thrown.js';

let double: ProviderDouble;
let png: Buffer;
beforeAll(async () => {
  double = await startProviderDouble();
  png = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

const prices = new Prices({ pollinations: { flux: { image: 0.0002 } }, stability: { '*': { image: 0.03 } } });
const settings = (provider: string, model: string, change: Partial<RemoteSettings> = {}): RemoteSettings => ({
  provider,
  model,
  baseUrl: double.origin,
  apiKey: 'key-1',
  prices,
  ...change,
});
const REQUEST: ImageRequest = { prompt: 'a lighthouse', width: 96, height: 64, seed: 7 };
const never = (): AbortSignal => new AbortController().signal;

const pollinations = (change?: Partial<RemoteSettings>) =>
  new PollinationsImageModel(settings('pollinations', 'flux', change));
const stability = (model = 'core', change?: Partial<RemoteSettings>) =>
  new StabilityImageModel(settings('stability', model, change));
const openai = (model = 'gpt-image-1', change?: Partial<RemoteSettings>) =>
  new OpenAiImageModel(settings('openai', model, { baseUrl: double.baseUrl, ...change }));

async function draw(model: ImageModel, change: Partial<ImageRequest> = {}): Promise<GeneratedImage> {
  return model.generateImage({ ...REQUEST, ...change }, { signal: never() });
}

describe('Pollinations', () => {
  it('is asked by GET /image/{prompt} with model, size, seed and the key', async () => {
    double.respond = paints(png, { 'content-type': 'image/jpeg' });
    const { bytes, ...image } = await draw(pollinations(), { prompt: 'un faro/¿dónde? 100%' });
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(image).toEqual({
      contentType: 'image/jpeg',
      provider: 'pollinations',
      model: 'flux',
      tokens: { in: 5, out: 0, estimated: true },
      costUsd: 0.0002,
    });
    const [call] = double.calls;
    expect(call).toMatchObject({
      method: 'GET',
      headers: { authorization: 'Bearer key-1', accept: 'image/*' },
      body: {},
    });
    const { pathname, searchParams } = new URL(call!.path, double.origin);
    expect(pathname).toBe('/image/un%20faro%2F%C2%BFd%C3%B3nde%3F%20100%25');
    expect(Object.fromEntries(searchParams)).toEqual({ model: 'flux', width: '96', height: '64', seed: '7' });
  });

  it('has the style in its prompt: the words of a preset, or the client’s own', async () => {
    double.respond = paints(png);
    await draw(pollinations(), { style: 'watercolor' });
    await draw(pollinations(), { style: 'like my aunt’s' });
    const prompts = double.calls.map(({ path }) => decodeURIComponent(path.split('?')[0]!));
    expect(prompts).toEqual([
      '/image/a lighthouse\n\nStyle: watercolor painting, soft washes, visible paper grain',
      '/image/a lighthouse\n\nStyle: like my aunt’s',
    ]);
  });

  it.each(['.', '..', '../../v1/models', '%2e%2e', '?model=other', '#', '//example.com/x', '\ud800'])(
    'is sent the prompt %j as a prompt',
    async (prompt) => {
      double.respond = paints(png);
      await draw(pollinations(), { prompt });
      const { pathname } = new URL(double.calls[0]!.path, double.origin);
      expect(pathname).toMatch(/^\/image\/[^/]+$/);
      expect(decodeURIComponent(pathname.slice('/image/'.length)).trim()).toBe(prompt.toWellFormed());
    },
  );

  it('refuses a prompt that no URL can hold, without a call', async () => {
    const error = await failureOf(draw(pollinations(), { prompt: 'ñ'.repeat(1_400) }));
    expect(error).toMatchObject({ fault: 'refused', code: 'UPSTREAM_ERROR' });
    expect(double.calls).toEqual([]);
  });

  it('is sent no key where none is set', async () => {
    double.respond = paints(png);
    await draw(pollinations({ apiKey: undefined }));
    expect(double.calls[0]!.headers.authorization).toBeUndefined();
  });
});

describe('Stability', () => {
  it('is sent a form with the shape, the seed and its own name of the style', async () => {
    double.respond = paints(png, { 'finish-reason': 'SUCCESS', seed: '7' });
    const { bytes, costUsd, model } = await draw(stability(), { style: 'Photoreal' });
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect({ costUsd, model }).toEqual({ costUsd: 0.03, model: 'core' });
    const [call] = double.calls;
    expect(call).toMatchObject({
      method: 'POST',
      path: '/v2beta/stable-image/generate/core',
      headers: { authorization: 'Bearer key-1', accept: 'image/*' },
    });
    expect(call!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(call!.body).toEqual({
      prompt: 'a lighthouse',
      aspect_ratio: '3:2',
      seed: '7',
      output_format: 'png',
      style_preset: 'photographic',
    });
  });

  it.each([
    ['ultra', '/v2beta/stable-image/generate/ultra', {}],
    ['sd3.5-large', '/v2beta/stable-image/generate/sd3', { model: 'sd3.5-large', mode: 'text-to-image' }],
  ])('is asked for %s where it makes that, with the style in the prompt', async (model, path, more) => {
    double.respond = paints(png);
    await draw(stability(model), { style: 'origami' });
    expect(double.calls[0]).toMatchObject({ path });
    expect(double.calls[0]!.body).toEqual({
      // Line breaks in a form are of two characters (RFC 7578).
      prompt: 'a lighthouse\r\n\r\nStyle: folded paper origami, crisp creases, soft shadows',
      aspect_ratio: '3:2',
      seed: '7',
      output_format: 'png',
      ...more,
    });
  });

  it.each([
    [1024, 1024, '1:1'],
    [1920, 1080, '16:9'],
    [1080, 1920, '9:16'],
    [2048, 64, '21:9'],
    [64, 2048, '9:21'],
    [1280, 1024, '5:4'],
    [832, 1248, '2:3'],
  ])('is asked for the shape nearest to %i by %i', async (width, height, ratio) => {
    double.respond = paints(png);
    await draw(stability(), { width, height });
    expect(double.calls[0]!.body['aspect_ratio']).toBe(ratio);
  });

  it('is asked for the same picture again by seed 0, which to it means any', async () => {
    double.respond = paints(png);
    await draw(stability(), { seed: 0 });
    expect(double.calls[0]!.body['seed']).toBe('4294967294');
  });

  it.each<[string, Respond]>([
    [
      'blurs what it finds improper',
      (call, response) => paints(png, { 'finish-reason': 'CONTENT_FILTERED' })(call, response),
    ],
    [
      'moderates the prompt',
      (_call, response) =>
        response
          .writeHead(403, { 'content-type': 'application/json' })
          .end(JSON.stringify({ id: '1', name: 'content_moderation', errors: [INTERNALS] })),
    ],
  ])('has refused when it %s, which is not its failure', async (_case, respond) => {
    double.respond = respond;
    expect(await failureOf(draw(stability()))).toMatchObject({
      fault: 'refused',
      code: 'UPSTREAM_ERROR',
      message: 'The model provider refused the request.',
    });
  });
});

describe('OpenAI', () => {
  it.each([
    ['gpt-image-1', 1024, 1024, '1024x1024', {}],
    ['gpt-image-1', 2048, 512, '1536x1024', {}],
    ['gpt-image-1-mini', 600, 900, '1024x1536', {}],
    ['dall-e-3', 1920, 1080, '1792x1024', { response_format: 'b64_json' }],
    ['dall-e-2', 300, 700, '1024x1024', { response_format: 'b64_json' }],
    ['of-ones-own', 300, 700, '300x700', {}],
  ])('is asked, as %s, for the nearest to %i by %i that it makes', async (model, width, height, size, more) => {
    double.respond = draws(png);
    await draw(openai(model), { width, height });
    const [call] = double.calls;
    expect(call).toMatchObject({ method: 'POST', path: '/v1/images/generations' });
    expect(call!.headers.authorization).toBe('Bearer key-1');
    expect(call!.body).toEqual({ model, prompt: 'a lighthouse', n: 1, size, ...more });
  });
});

describe.each<[string, (change?: Partial<RemoteSettings>) => ImageModel]>([
  ['Pollinations', pollinations],
  ['Stability', (change) => stability('core', change)],
])('%s', (_name, create) => {
  it.each<[string, Respond, string, string]>([
    ['is over its limits', fails(429, { 'retry-after': '4' }), 'RATE_LIMITED', 'transient'],
    ['fails', fails(500), 'UPSTREAM_ERROR', 'transient'],
    ['hangs up', (_call, response) => response.destroy(), 'UPSTREAM_ERROR', 'transient'],
    ['breaks off', breaksOff, 'UPSTREAM_ERROR', 'unusable'],
    [
      'breaks off in the picture',
      (_call, response) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': '5000' });
        response.write(png.subarray(0, 40), () => response.destroy());
      },
      'UPSTREAM_ERROR',
      'transient',
    ],
    ['knows no such key', fails(401), 'UPSTREAM_ERROR', 'unusable'],
    ['forbids it', fails(403), 'UPSTREAM_ERROR', 'unusable'],
    ['refuses', fails(400), 'UPSTREAM_ERROR', 'refused'],
    ['sends JSON', sends('{}'), 'UPSTREAM_ERROR', 'unusable'],
    ['sends a web page', sends('<html></html>', 'text/html'), 'UPSTREAM_ERROR', 'unusable'],
    [
      'sends elsewhere',
      (_call, response) => response.writeHead(302, { location: '/else' }).end(),
      'UPSTREAM_ERROR',
      'unusable',
    ],
    ['sends without end', floods, 'UPSTREAM_ERROR', 'unusable'],
  ])('fails in fixed words when it %s', async (_case, respond, code, fault) => {
    double.respond = respond;
    const error = await failureOf(draw(create({ maxResponseBytes: 100_000 })));
    expect(error).toMatchObject({ code, fault });
    expect(error.message).toMatch(
      /^The model provider (?:failed|refused the request|is busy\. Try again in a while)\.$/,
    );
    expect(JSON.stringify([error.message, String(error.cause)])).not.toMatch(/gpu-17|org-secret|lighthouse|key-1/);
    expect(double.calls).toHaveLength(1);
  });

  it('says how long it asks to be left alone', async () => {
    double.respond = fails(429, { 'retry-after': '4' });
    expect(await failureOf(draw(create()))).toMatchObject({ status: 429, retryAfterMs: 4_000 });
  });

  it.each<[string, Respond]>([
    ['does not begin', isSilent],
    ['does not end', stalls],
  ])('is left, and its connection closed, when an answer %s and the client leaves', async (_case, respond) => {
    double.respond = respond;
    const client = new AbortController();
    const failed = failureOf(create().generateImage(REQUEST, { signal: client.signal }));
    const { closed } = await double.nextCall();
    client.abort();
    expect(await failed).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST', fault: 'cancelled' });
    await closed;
  });
});

describe('a picture of any provider', () => {
  it('becomes a PNG of the size asked for, and what was made is told', async () => {
    const jpeg = await sharp(png).resize(640, 640).jpeg().toBuffer();
    double.respond = paints(jpeg, { 'content-type': 'image/jpeg' });
    const { bytes, contentType, made } = await draw(new PngImageModel(pollinations()));
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 96, height: 64 });
    expect({ contentType, made }).toEqual({ contentType: 'image/png', made: { width: 640, height: 640 } });
  });

  it('is of nobody’s telling where it has the size asked for', async () => {
    double.respond = paints(png);
    expect(await draw(new PngImageModel(pollinations()))).not.toHaveProperty('made');
  });

  it('is that provider’s failure when it is none', async () => {
    double.respond = paints(Buffer.from('a picture, honestly'));
    expect(await failureOf(draw(new PngImageModel(pollinations())))).toMatchObject({
      fault: 'unusable',
      message: 'The provider did not send a picture.',
    });
  });
});
