import { mix, type Colour } from '../colour.js';
import { n, rect, verticalGradient, type Frame } from '../frame.js';

/** Three rows of towers, windows lit, and the street that mirrors them. */
export function city(frame: Frame, isNeon: boolean): string {
  const { width, height, horizon, palette } = frame;
  const ground = horizon + (height - horizon) * 0.3;
  const rows = [0, 1, 2].map((row) => towers(frame, row / 2, ground, isNeon)).join('');
  const mirror = `<g transform="translate(0 ${n(ground * 1.7)}) scale(1 -0.7)" filter="url(#wet)" opacity="${isNeon ? 0.62 : 0.34}">${rows}</g>`;
  const street = verticalGradient('street', [
    { at: 0, colour: palette.ink, opacity: 0.15 },
    { at: 1, colour: palette.ink, opacity: 0.92 },
  ]);
  const wet =
    '<filter id="wet" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="2.5 11"/></filter>';
  const below = `<clipPath id="below">${rect(0, ground, width, height - ground + 20, '#fff')}</clipPath>`;
  const haze = verticalGradient('haze', [
    { at: 0, colour: palette.sky[2], opacity: 0 },
    { at: 1, colour: palette.sky[2], opacity: 0.5 },
  ]);
  return [
    `<defs>${wet}${street}${haze}${below}</defs>`,
    rows,
    rect(0, ground - 130, width, 130, 'url(#haze)'),
    rect(0, ground, width, height - ground + 10, palette.ink),
    `<g clip-path="url(#below)">${mirror}</g>`,
    rect(0, ground, width, height - ground + 10, 'url(#street)'),
    rect(0, ground - 2, width, 3, mix(palette.sky[2], palette.glow, 0.4), 'opacity="0.7"'),
  ].join('');
}

function towers(frame: Frame, depth: number, ground: number, isNeon: boolean): string {
  const { width, horizon, palette, random } = frame;
  const wall = mix(mix(palette.far, palette.sky[2], 0.25), palette.ink, 0.15 + depth * 0.75);
  const parts: string[] = [];
  for (let x = random.between(-60, -10); x < width + 20;) {
    const wide = random.between(50, 105) + depth * 30;
    const nearMiddle = 1 - Math.min(1, Math.abs((x + wide / 2) / width - 0.5) * 2);
    // The front row opens in the middle, so that the eye, and a subject, has room.
    const rise =
      (0.86 - depth * 0.22) *
      horizon *
      random.between(0.42, 1) *
      (depth === 1 ? 1 - nearMiddle * 0.72 : 0.7 + nearMiddle * 0.4);
    parts.push(tower({ x, y: ground - rise, wide, tall: rise, wall, depth, isNeon }, frame));
    x += wide + (random.chance(0.3) ? random.between(4, 26) : -2);
  }
  return parts.join('');
}

interface Tower {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly tall: number;
  readonly wall: Colour;
  readonly depth: number;
  readonly isNeon: boolean;
}

function tower({ x, y, wide, tall, wall, depth, isNeon }: Tower, { palette, random, isDark }: Frame): string {
  const parts = [rect(x, y, wide, tall + 4, wall)];
  if (random.chance(0.35)) parts.push(rect(x + wide * 0.2, y - 22, wide * 0.6, 24, wall));
  if (random.chance(0.3)) parts.push(rect(x + wide * 0.48, y - random.between(40, 90), 3, 92, wall));
  const lit = isDark ? random.between(0.25, 0.6) : 0.14;
  const colours = isNeon ? palette.accents : ([palette.glow, palette.accents[1], palette.accents[2]] as const);
  const step = 13 + depth * 5;
  for (let top = y + 12; top < y + tall - 10; top += step) {
    for (let left = x + 8; left < x + wide - 10; left += step * 0.86) {
      if (!random.chance(lit)) continue;
      const colour = random.chance(0.72) ? palette.glow : random.pick(colours);
      parts.push(
        rect(
          left,
          top,
          step * 0.42,
          step * 0.48,
          colour,
          `opacity="${random.between(0.25, 0.35 + depth * 0.55).toFixed(2)}"`,
        ),
      );
    }
  }
  if (isNeon && random.chance(0.5)) parts.push(sign(x, y, wide, tall, random.pick(palette.accents), random));
  if (isNeon && random.chance(0.4)) parts.push(rect(x, y, 2.5, tall, random.pick(palette.accents), 'opacity="0.75"'));
  return parts.join('');
}

/** A neon sign of strokes that are no letters, with its glow. */
function sign(x: number, y: number, wide: number, tall: number, colour: Colour, random: Frame['random']): string {
  const width = wide * random.between(0.22, 0.34);
  const height = Math.min(tall * 0.5, random.between(90, 190));
  const left = x + (random.chance(0.5) ? 6 : wide - width - 6);
  const top = y + random.between(20, 60);
  const strokes = Array.from({ length: Math.max(2, Math.floor(height / 34)) }, (_stroke, at) =>
    rect(left + width * 0.25, top + 12 + at * 32, width * 0.5, random.between(3, 16), '#ffffff', 'opacity="0.9"'),
  );
  const box = `stroke="${colour}" stroke-width="3" rx="4"`;
  return (
    rect(left - 9, top - 9, width + 18, height + 18, colour, 'opacity="0.16" rx="12"') +
    rect(left, top, width, height, mix(colour, '#000000', 0.55), box) +
    strokes.join('')
  );
}

/** The floor of lines that run to the horizon. */
export function grid({ width, height, horizon, palette }: Frame): string {
  const [, cyan] = palette.accents;
  const fill = verticalGradient('floor', [
    { at: 0, colour: palette.near },
    { at: 1, colour: palette.ink },
  ]);
  const rows = Array.from({ length: 14 }, (_row, at) =>
    rect(0, horizon + (height - horizon) * ((at + 0.4) / 14) ** 2.1, width, 1 + at * 0.22, cyan),
  );
  const columns = Array.from({ length: 33 }, (_column, at) => {
    const from = width / 2 + (at - 16) * 34;
    const to = width / 2 + (at - 16) * 240;
    return `<path d="M${n(from)} ${n(horizon)}L${n(to)} ${n(height)}" stroke="${cyan}" stroke-width="1.8"/>`;
  });
  return `<defs>${fill}</defs>${rect(0, horizon, width, height - horizon + 10, 'url(#floor)')}<g opacity="0.75">${rows.join('')}${columns.join('')}</g>${rect(0, horizon - 3, width, 5, mix(cyan, '#ffffff', 0.5), 'opacity="0.8"')}`;
}
