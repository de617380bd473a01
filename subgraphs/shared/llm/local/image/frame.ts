import type { Colour } from './colour.js';
import type { Palette } from './palettes.js';
import type { Random } from './random.js';

/** What every layer draws into: a drawing whose shorter side is 1000 units, whatever the pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Where the ground meets the sky. */
  readonly horizon: number;
  readonly palette: Palette;
  readonly random: Random;
  /** Light is scarce: windows are lit, the moon is out. */
  readonly isDark: boolean;
}

export type Point = readonly [number, number];

/** A coordinate with as many digits as a picture can show. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function polygon(points: readonly Point[], fill: string, more = ''): string {
  return `<polygon points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}" fill="${fill}" ${more}/>`;
}

export function circle(x: number, y: number, radius: number, fill: string, more = ''): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${fill}" ${more}/>`;
}

export function ellipse(x: number, y: number, rx: number, ry: number, fill: string, more = ''): string {
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}" ${more}/>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}" ${more}/>`;
}

/** A smooth line through the points (quadratic, by their midpoints). */
export function smooth(points: readonly Point[]): string {
  const [first = [0, 0], ...rest] = points;
  const parts = rest.map(([x, y], at) => {
    const [nextX, nextY] = rest[at + 1] ?? [x, y];
    return `Q${n(x)} ${n(y)} ${n((x + nextX) / 2)} ${n((y + nextY) / 2)}`;
  });
  return `M${n(first[0])} ${n(first[1])}${parts.join('')}`;
}

export interface Stop {
  readonly at: number;
  readonly colour: Colour;
  readonly opacity?: number;
}

/** Colour stops of a gradient. */
export function stops(list: readonly Stop[]): string {
  return list
    .map(
      ({ at, colour, opacity = 1 }) =>
        `<stop offset="${n(at * 100)}%" stop-color="${colour}" stop-opacity="${opacity}"/>`,
    )
    .join('');
}

/** From top to bottom of what it fills. */
export function verticalGradient(id: string, list: readonly Stop[]): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stops(list)}</linearGradient>`;
}

export function radialGradient(id: string, list: readonly Stop[]): string {
  return `<radialGradient id="${id}">${stops(list)}</radialGradient>`;
}
