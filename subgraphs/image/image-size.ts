export interface ImageSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

const SHORTEST_SIDE = 64;
/** Bounds the picture to four megapixels, too. */
const LONGEST_SIDE = 2048;

export const SIZE_RULE = `must be <width>x<height>, each from ${SHORTEST_SIDE} to ${LONGEST_SIDE} pixels, such as 1024x1024`;

/** The size that a text such as `1024x768` names; null when it names none that we make. */
export function parseImageSize(text: string): ImageSize | null {
  const sides = /^(\d{2,4})x(\d{2,4})$/.exec(text)?.slice(1).map(Number);
  if (!sides?.every((side) => side >= SHORTEST_SIDE && side <= LONGEST_SIDE)) return null;
  const [width = 0, height = 0] = sides;
  return { width, height };
}
