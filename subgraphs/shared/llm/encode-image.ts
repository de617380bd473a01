import type { Sharp } from 'sharp';
import { AppError } from '#shared/errors/app-error.js';

/** More than any picture we ask for; stops decompression bombs. */
const MAX_PIXELS = 40_000_000;
const FORMATS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif', 'heif']);

/** The picture as a PNG; PNG bytes come back as they are once they have proved to be a whole picture. Throws UPSTREAM_ERROR when `bytes` are no image. */
export async function toPng(bytes: Uint8Array): Promise<Uint8Array> {
  return decoded(bytes, async (image, format) => {
    if (format !== 'png') return image.png().toBuffer();
    await image.stats();
    return bytes;
  });
}

/** A JPEG whose longer side is at most `maxSidePx`, never larger than the picture itself, on white where it is transparent. Throws as {@link toPng}. */
export async function toPreviewJpeg(bytes: Uint8Array, maxSidePx = 512): Promise<Uint8Array> {
  return decoded(bytes, (image) =>
    image
      .rotate()
      .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 82, mozjpeg: true })
      .toBuffer(),
  );
}

/** sharp is loaded here and not before: only the image service holds libvips in memory. */
async function decoded<Result>(
  bytes: Uint8Array,
  work: (image: Sharp, format: string) => Promise<Result>,
): Promise<Result> {
  const { default: sharp } = await import('sharp');
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
    const { format } = await image.metadata();
    if (!FORMATS.has(format)) throw new Error(`${format} is not a picture format we take from a provider.`);
    return await work(image, format);
  } catch (cause) {
    throw new AppError('UPSTREAM_ERROR', 'The provider did not send a picture.', { cause });
  }
}
