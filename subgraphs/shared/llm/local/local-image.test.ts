import { describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import type { ImageRequest } from '../llm.port.js';
import { LocalImageModel } from './local-image.provider.js';

// Pictures take their time on a busy machine.
jest.setTimeout(30_000);

const never = new AbortController().signal;
const model = new LocalImageModel();
const draw = (change: Partial<ImageRequest> = {}) =>
  model.generateImage({ prompt: 'a cat at night', width: 160, height: 120, seed: 7, ...change }, { signal: never });

describe('an image by the local provider', () => {
  it('is the same, byte for byte, for the same prompt, style, size and seed', async () => {
    const [one, other] = await Promise.all([draw({ style: 'watercolor' }), draw({ style: 'watercolor' })]);
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
  });

  it.each<[string, Partial<ImageRequest>]>([
    ['seed', { seed: 8 }],
    ['prompt', { prompt: 'a cat at night!' }],
    ['style', { style: 'minimal' }],
    ['size', { width: 120, height: 160 }],
  ])('is another for another %s', async (_part, change) => {
    const [one, other] = await Promise.all([draw(), draw(change)]);
    expect(Buffer.compare(one.bytes, other.bytes)).not.toBe(0);
  });

  it.each([
    [64, 64],
    [64, 2048],
    [2048, 64],
    [1024, 768],
    [2048, 2048],
  ])('is a PNG of the asked %i by %i pixels', async (width, height) => {
    const { bytes, contentType } = await draw({ prompt: 'a minimal meadow', width, height });
    const { format, ...found } = await sharp(bytes).metadata();
    expect({ format, contentType }).toEqual({ format: 'png', contentType: 'image/png' });
    expect(found).toMatchObject({ width, height });
  });

  it('shows something: many colours, whatever the prompt', async () => {
    for (const prompt of ['alpaca cyberpunk', 'abstract', '.', '😀', 'un faro en la niebla', 'x'.repeat(4_000)]) {
      const { bytes } = await draw({ prompt });
      const { entropy } = await sharp(bytes).stats();
      expect(entropy).toBeGreaterThan(2);
    }
  });

  it('says who made it, that its tokens are estimated and that it was free', async () => {
    const { bytes: _bytes, ...provenance } = await draw();
    expect(provenance).toEqual({
      contentType: 'image/png',
      provider: 'local',
      model: 'procedural-painter',
      tokens: { in: 4, out: 0, estimated: true },
      costUsd: 0,
    });
  });

  it('ends when it is aborted', async () => {
    const request = { prompt: 'x', width: 64, height: 64, seed: 1 };
    const drawing = model.generateImage(request, { signal: AbortSignal.abort() });
    await expect(drawing).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });
});
