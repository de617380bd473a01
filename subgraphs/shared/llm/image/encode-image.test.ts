import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { toPng, toPreviewJpeg } from './encode-image.js';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 20, b: 20, alpha: 0 } } });

describe('toPng', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('makes a PNG of a %s', async (format) => {
    const { png, made } = await toPng(await picture(40, 30).toFormat(format).toBuffer(), { width: 40, height: 30 });
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 40, height: 30 });
    expect(made).toEqual({ width: 40, height: 30 });
  });

  it('leaves every pixel as it was where the size is the one asked for', async () => {
    const bytes = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#123456' } })
      .png()
      .toBuffer();
    const { png } = await toPng(bytes, { width: 9, height: 7 });
    expect(await sharp(png).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer());
  });

  it('cuts another shape to the size asked for, in the middle, without distorting it', async () => {
    const stripes = sharp(Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]), {
      raw: { width: 3, height: 1, channels: 3 },
    });
    const wide = await stripes.resize(300, 100, { kernel: 'nearest' }).png().toBuffer();
    const { png, made } = await toPng(wide, { width: 50, height: 50 });
    expect(made).toEqual({ width: 300, height: 100 });
    expect(await sharp(png).metadata()).toMatchObject({ width: 50, height: 50 });
    const [red, green, blue] = await sharp(png).resize(1, 1).raw().toBuffer();
    expect(green).toBeGreaterThan(240);
    expect(Math.max(red!, blue!)).toBeLessThan(15);
  });

  it('enlarges a smaller one', async () => {
    const { png } = await toPng(await picture(10, 10).png().toBuffer(), { width: 64, height: 128 });
    expect(await sharp(png).metadata()).toMatchObject({ width: 64, height: 128 });
  });

  it('drops metadata, and turns a picture as its metadata say', async () => {
    const sideways = picture(40, 20)
      .withMetadata({ orientation: 6 })
      .withExif({ IFD0: { Copyright: 'someone' } });
    const { png, made } = await toPng(await sideways.jpeg().toBuffer(), { width: 20, height: 40 });
    expect(made).toEqual({ width: 20, height: 40 });
    expect((await sharp(png).metadata()).exif).toBeUndefined();
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
  ['toPng', (bytes: Uint8Array) => toPng(bytes, { width: 64, height: 64 })],
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
