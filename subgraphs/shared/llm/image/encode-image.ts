import type { Sharp } from 'sharp';
import type { Pixels } from './aspect.js';
import { ProviderError } from '../provider-error.js';

/** More than any picture we ask for; stops decompression bombs. */
const MAX_PIXELS = 40_000_000;
const FORMATS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif', 'heif']);

export interface SizedPng {
  readonly png: Uint8Array;
  /** The size it came in, as it is meant to be seen. */
  readonly made: Pixels;
}

/**
 * The picture as a PNG of exactly the size asked for, without metadata. One of another shape is scaled to cover the size and cut in
 * the middle; nothing is distorted or padded. Throws a ProviderError when `bytes` are no whole picture, or one of more than 40 megapixels.
 */
export async function toPng(bytes: Uint8Array, { width, height }: Pixels): Promise<SizedPng> {
  return decoded(bytes, async (image, made) => {
    const isAsAsked = made.width === width && made.height === height;
    const sized = isAsAsked ? image : image.resize({ width, height, fit: 'cover' });
    return { png: await sized.png().toBuffer(), made };
  });
}

/** A JPEG whose longer side is at most `maxSidePx`, never larger than the picture itself, on white where it is transparent. Throws as {@link toPng}. */
export async function toPreviewJpeg(bytes: Uint8Array, maxSidePx = 512): Promise<Uint8Array> {
  return decoded(bytes, (image) =>
    image
      .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 82, mozjpeg: true })
      .toBuffer(),
  );
}

/** sharp is loaded here and not before: only the image service holds libvips in memory. */
async function decoded<Result>(
  bytes: Uint8Array,
  work: (image: Sharp, made: Pixels) => Promise<Result>,
): Promise<Result> {
  const { default: sharp } = await import('sharp');
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
    const { format, autoOrient } = await image.metadata();
    if (!FORMATS.has(format)) throw new Error(`${format} is not a picture format we take from a provider.`);
    return await work(image.autoOrient(), autoOrient);
  } catch (cause) {
    throw new ProviderError('unusable', { cause, message: 'The provider did not send a picture.' });
  }
}
