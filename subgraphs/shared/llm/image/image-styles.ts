import type { ImageRequest } from '../llm.port.js';

interface StylePreset {
  /** What the prompt is told. */
  readonly words: string;
  /** The name that Stability has for it. */
  readonly stability?: string;
}

/** The styles by name. Any other text is a style in the client's own words. */
const PRESETS: Readonly<Record<string, StylePreset>> = {
  photoreal: {
    words: 'photorealistic, natural light, fine detail, as taken with a good camera',
    stability: 'photographic',
  },
  cinematic: { words: 'cinematic still, dramatic light, shallow depth of field, film grain', stability: 'cinematic' },
  'analog-film': { words: 'analog film photograph, faded colors, light leaks, grain', stability: 'analog-film' },
  'digital-art': { words: 'digital painting, vivid colors, clean shapes, high detail', stability: 'digital-art' },
  anime: { words: 'anime illustration, clean line art, cel shading', stability: 'anime' },
  'comic-book': { words: 'comic book panel, bold ink outlines, halftone dots', stability: 'comic-book' },
  fantasy: { words: 'fantasy art, epic scenery, magical light', stability: 'fantasy-art' },
  'line-art': { words: 'black line art on white, no shading', stability: 'line-art' },
  'pixel-art': { words: 'pixel art, small palette, sharp square pixels', stability: 'pixel-art' },
  'low-poly': { words: 'low poly 3D scene, flat shaded facets', stability: 'low-poly' },
  '3d-model': { words: '3D render, soft studio light, physically based materials', stability: '3d-model' },
  isometric: { words: 'isometric 3D illustration, even light, no perspective', stability: 'isometric' },
  origami: { words: 'folded paper origami, crisp creases, soft shadows', stability: 'origami' },
  neon: { words: 'neon lights at night, glowing colors on black', stability: 'neon-punk' },
  watercolor: { words: 'watercolor painting, soft washes, visible paper grain' },
  'oil-painting': { words: 'oil painting, visible brush strokes, rich colors' },
  'pencil-sketch': { words: 'pencil sketch, hatching, white paper' },
  minimalist: { words: 'minimalist illustration, few flat shapes, much empty space' },
};

export const STYLE_NAMES: readonly string[] = Object.keys(PRESETS);

/** The prompt with its style in words, for providers that take no style of their own. */
export function promptWithStyle({ prompt, style }: Pick<ImageRequest, 'prompt' | 'style'>): string {
  if (!style) return prompt;
  return `${prompt}\n\nStyle: ${presetOf(style)?.words ?? style}`;
}

/** Stability's name for a style; undefined where it has none. */
export function stabilityStyle(style: string | undefined): string | undefined {
  return style === undefined ? undefined : presetOf(style)?.stability;
}

function presetOf(style: string): StylePreset | undefined {
  const name = style.toLowerCase();
  return Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
}
