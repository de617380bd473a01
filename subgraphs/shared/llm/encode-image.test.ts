import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { toPng, toPreviewJpeg } from './encode-image.js';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 20, b: 20, alpha: 0 } } });

describe('toPng', () => {
  it('leaves a PNG as it is', async () => {
    const png = await picture(40, 30).png().toBuffer();
    expect(Buffer.compare(await toPng(png), png)).toBe(0);
  });

  it.each(['jpeg', 'webp'] as const)('makes one of a %s', async (format) => {
    const png = await toPng(await picture(40, 30).toFormat(format).toBuffer());
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 40, height: 30 });
  });
});

describe('toPreviewJpeg', () => {
  it.each([
    [1024, 512, 512, 256],
    [100, 2000, 26, 512],
    [60, 40, 60, 40],
  ])('fits %i by %i into 512 pixels, and enlarges nothing', async (width, height, fitWidth, fitHeight) => {
    const jpeg = await toPreviewJpeg(await picture(width, height).png().toBuffer());
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: fitWidth, height: fitHeight });
  });

  it('is white where the picture is transparent', async () => {
    const jpeg = await toPreviewJpeg(await picture(8, 8).png().toBuffer());
    const [red, green, blue] = await sharp(jpeg).raw().toBuffer();
    expect([red, green, blue]).toEqual([255, 255, 255]);
  });
});

describe.each([
  ['toPng', toPng],
  ['toPreviewJpeg', toPreviewJpeg],
])('%s', (_name, encode) => {
  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ['nothing', () => new Uint8Array()],
    ['text', () => Buffer.from('a picture, honestly')],
    [
      'SVG, which may refer to other files',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    [
      'half a PNG',
      async () =>
        (
          await sharp({
            create: {
              width: 300,
              height: 300,
              channels: 3,
              background: '#777',
              noise: { type: 'gaussian', mean: 99, sigma: 30 },
            },
          })
            .png()
            .toBuffer()
        ).subarray(0, 9_000),
    ],
    [
      'a picture of more pixels than we hold',
      () =>
        sharp({ create: { width: 8_000, height: 6_000, channels: 3, background: '#000' } })
          .png()
          .toBuffer(),
    ],
  ])('refuses %s', async (_case, bytes) => {
    await expect(encode(await bytes())).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: 'The provider did not send a picture.',
    });
  });
});
