import { mix, type Colour } from '../colour.js';
import { circle, n, polygon, radialGradient, rect, smooth, stops, type Frame, type Point } from '../frame.js';

/** A composition of one of four kinds, chosen by the seed, in the colours of the palette. */
export function abstract(frame: Frame): string {
  return backdrop(frame) + frame.random.pick([ribbons, orbits, facets, arches])(frame);
}

function colours({ palette }: Frame): readonly [Colour, ...Colour[]] {
  return [...palette.accents, palette.sky[2], palette.sky[1], palette.glow];
}

function backdrop({ width, height, palette }: Frame): string {
  const [top, middle] = palette.sky;
  return `<defs><linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">${stops([
    { at: 0, colour: top },
    { at: 1, colour: mix(top, middle, 0.8) },
  ])}</linearGradient></defs>${rect(0, 0, width, height, 'url(#ground)')}`;
}

/** Bands that flow across, each a step further in colour. */
function ribbons(frame: Frame): string {
  const { width, height, random, palette } = frame;
  const [from, to] = [random.pick(colours(frame)), random.pick(colours(frame))];
  const count = random.whole(14, 22);
  const wave = [0, 1, 2, 3, 4, 5].map(() => random.between(-0.26, 0.26) * height);
  const bands = Array.from({ length: count }, (_band, at) => {
    const share = at / count;
    const points: Point[] = wave.map((swing, step) => [
      width * (step / 4.4 - 0.1),
      height * (0.1 + share * 0.95) + swing * (1 - share * 0.7) + Math.sin(at * 0.5 + step * 1.7) * 26,
    ]);
    const colour = share < 0.5 ? mix(from, palette.sky[2], share * 2) : mix(palette.sky[2], to, share * 2 - 1);
    return `<path d="${smooth(points)}L${n(width * 1.1)} ${n(height * 1.2)}L${n(-0.1 * width)} ${n(height * 1.2)}Z" fill="${mix(colour, palette.ink, 0.1 + share * 0.4)}" stroke="${mix(colour, '#ffffff', 0.4)}" stroke-width="1.5"/>`;
  });
  return (
    circle(
      width * random.between(0.25, 0.75),
      height * random.between(0.16, 0.32),
      random.between(70, 130),
      palette.glow,
    ) + bands.join('')
  );
}

/** Rings and discs about one centre. */
function orbits(frame: Frame): string {
  const { width, height, random, palette } = frame;
  const [cx, cy] = [width * random.between(0.36, 0.64), height * random.between(0.38, 0.62)];
  const light = radialGradient('heart', [
    { at: 0, colour: palette.glow },
    { at: 0.5, colour: palette.accents[0] },
    { at: 1, colour: palette.accents[0], opacity: 0 },
  ]);
  const rings = Array.from({ length: 11 }, (_ring, at) => {
    const radius = 96 + at * random.between(44, 58);
    const colour = random.pick(colours(frame));
    const dash = random.chance(0.5)
      ? `stroke-dasharray="${n(radius * random.between(0.3, 2.4))} ${n(radius * random.between(0.1, 0.8))}"`
      : '';
    const angle = random.between(0, Math.PI * 2);
    const dot = circle(
      cx + Math.cos(angle) * radius,
      cy + Math.sin(angle) * radius,
      random.between(7, 30),
      random.pick(colours(frame)),
    );
    return `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(radius)}" fill="none" stroke="${colour}" stroke-width="${n(random.between(1.5, 20))}" opacity="0.85" stroke-linecap="round" ${dash} transform="rotate(${n(random.between(0, 360))} ${n(cx)} ${n(cy)})"/>${dot}`;
  });
  return `<defs>${light}</defs>${circle(cx, cy, 250, 'url(#heart)')}${rings.join('')}${circle(cx, cy, 58, palette.glow)}`;
}

/** A net of triangles lit from one corner. */
function facets(frame: Frame): string {
  const { width, height, random, palette } = frame;
  const size = random.between(110, 165);
  const columns = Math.ceil(width / size) + 2;
  const rows = Math.ceil(height / size) + 2;
  const at = Array.from({ length: rows + 1 }, (_row, row) =>
    Array.from({ length: columns + 1 }, (_column, column): Point => [
      (column - 0.8 + random.between(-0.34, 0.34)) * size,
      (row - 0.8 + random.between(-0.34, 0.34)) * size,
    ]),
  );
  const parts: string[] = [];
  const point = (row: number, column: number): Point => at[row]?.[column] ?? [0, 0];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [a, b, c, d] = [
        point(row, column),
        point(row, column + 1),
        point(row + 1, column),
        point(row + 1, column + 1),
      ];
      for (const triangle of random.chance(0.5)
        ? [
            [a, b, c],
            [b, d, c],
          ]
        : [
            [a, b, d],
            [a, d, c],
          ]) {
        const [x, y] = triangle[0] ?? a;
        const share = Math.min(1, Math.max(0, (x / width + y / height) / 2 + random.between(-0.16, 0.16)));
        const base =
          share < 0.5
            ? mix(palette.accents[0], palette.accents[1], share * 2)
            : mix(palette.accents[1], palette.sky[0], share * 2 - 1);
        const fill = mix(base, random.chance(0.5) ? '#ffffff' : palette.ink, random.between(0, 0.26));
        parts.push(polygon(triangle, fill, `stroke="${fill}" stroke-width="0.8"`));
      }
    }
  }
  return parts.join('');
}

/** Arches within arches, as in mid-century prints. */
function arches(frame: Frame): string {
  const { width, height, random, palette } = frame;
  const tile = Math.min(width, height) / random.whole(3, 4);
  const parts: string[] = [];
  for (let y = 0; y < height; y += tile) {
    for (let x = 0; x < width; x += tile) {
      const turn = random.pick([0, 90, 180, 270]);
      const base = random.pick([palette.sky[0], palette.sky[1], palette.near, palette.ink]);
      const rings = Array.from({ length: 4 }, (_ring, at) =>
        circle(x, y, tile * (1 - at * 0.24), random.pick(colours(frame))),
      );
      parts.push(
        `<svg x="${n(x)}" y="${n(y)}" width="${n(tile)}" height="${n(tile)}" viewBox="${n(x)} ${n(y)} ${n(tile)} ${n(tile)}"><g transform="rotate(${turn} ${n(x + tile / 2)} ${n(y + tile / 2)})">${rect(x, y, tile, tile, base)}${rings.join('')}</g></svg>`,
      );
    }
  }
  return parts.join('');
}
