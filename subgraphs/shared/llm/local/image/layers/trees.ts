import { mix, type Colour } from '../colour.js';
import { circle, ellipse, n, polygon, rect, type Frame, type Point } from '../frame.js';

function pine(x: number, y: number, tall: number, colour: Colour, random: Frame['random']): string {
  const points: Point[] = [[x, y - tall]];
  const back: Point[] = [];
  const tiers = 6;
  for (let tier = 1; tier <= tiers; tier += 1) {
    const level = y - tall + (tall * 0.94 * tier) / tiers;
    const half = tall * 0.25 * (tier / tiers) * random.between(0.82, 1.12);
    points.push([x + half, level], [x + half * 0.5, level - tall * 0.02]);
    back.unshift([x - half * 0.5, level - tall * 0.02], [x - half, level]);
  }
  return (
    polygon([...points, ...back], colour) + rect(x - tall * 0.018, y - tall * 0.1, tall * 0.036, tall * 0.12, colour)
  );
}

/** Rows of pines into the mist, and in front trunks that frame the view. */
export function forest(frame: Frame): string {
  const { width, height, horizon, palette, random } = frame;
  const parts: string[] = [];
  const rows = 5;
  for (let row = 0; row < rows; row += 1) {
    const depth = row / (rows - 1);
    const colour = mix(mix(palette.far, palette.sky[2], 0.4 * (1 - depth)), palette.ink, depth ** 1.2);
    const y = horizon + 10 + (height - horizon) * depth * 0.75;
    parts.push(rect(-10, y - 8, width + 20, height - y + 20, mix(colour, palette.near, 0.35)));
    const gap = 34 + depth * 60;
    for (let x = random.between(-40, 0); x < width + 40; x += gap * random.between(0.6, 1.4)) {
      const clearing = Math.abs(x / width - 0.5) < 0.09 + depth * 0.16 && depth > 0.3;
      const tall = (90 + depth * 300) * random.between(0.65, 1.15) * (clearing ? 0.28 : 1);
      parts.push(pine(x, y + random.between(0, 14), tall, mix(colour, palette.far, random.between(0, 0.14)), random));
    }
  }
  return parts.join('');
}

/** Grass and flowers that grow towards the viewer. */
export function flowers(frame: Frame, from: number): string {
  const { width, height, palette, random } = frame;
  const blooms = Array.from({ length: 230 }, () => {
    const depth = random.between(0, 1) ** 0.75;
    return { depth, x: random.between(-0.02, 1.02) * width, y: from + (height - from) * depth };
  }).toSorted((a, b) => a.depth - b.depth);
  return blooms
    .map(({ depth, x, y }) => {
      const size = 3 + depth * 24;
      const petal = mix(random.pick(palette.accents), palette.far, 0.4 * (1 - depth));
      const stem = mix(palette.near, palette.ink, random.between(0.2, 0.6));
      const lean = random.between(-10, 10) * depth;
      return flower({
        x: x + lean,
        y,
        size,
        petal,
        heart: mix(palette.glow, '#d08a1e', 0.5),
        stem,
        lean,
        petals: random.whole(5, 8),
      });
    })
    .join('');
}

interface Flower {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly petal: Colour;
  readonly heart: Colour;
  readonly stem: Colour;
  readonly lean: number;
  readonly petals: number;
}

function flower({ x, y, size, petal, heart, stem, lean, petals }: Flower): string {
  const stalk = `<path d="M${n(x - lean)} ${n(y + size * 3.4)}Q${n(x - lean)} ${n(y + size)} ${n(x)} ${n(y)}" stroke="${stem}" stroke-width="${n(size * 0.16)}" fill="none"/>`;
  const leaf = ellipse(
    x - lean + size * 0.4,
    y + size * 1.9,
    size * 0.5,
    size * 0.16,
    stem,
    `transform="rotate(-35 ${n(x - lean)} ${n(y + size * 1.9)})"`,
  );
  if (size < 7) return stalk + circle(x, y, size * 0.8, petal);
  const ring = Array.from({ length: petals }, (_petal, at) => {
    const turn = (360 / petals) * at;
    const shade = at % 2 === 0 ? petal : mix(petal, '#ffffff', 0.18);
    return ellipse(
      x,
      y - size * 0.62,
      size * 0.36,
      size * 0.6,
      shade,
      `transform="rotate(${n(turn)} ${n(x)} ${n(y)})"`,
    );
  });
  return `${stalk}${leaf}<g transform="translate(0 ${n(y * 0.22)}) scale(1 0.78)">${ring.join('')}${circle(x, y, size * 0.34, heart)}</g>`;
}
