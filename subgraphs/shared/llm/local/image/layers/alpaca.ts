import { mix, type Colour } from '../colour.js';
import { circle, ellipse, n, rect, type Frame, type Point } from '../frame.js';

interface Puff {
  readonly at: Point;
  readonly radius: number;
}

/** Wool of body, neck, tail and crown: tufts along the shape, on a drawing 140 wide and 170 high that stands on its lower edge. */
function wool(random: Frame['random']): Puff[] {
  const puffs: Puff[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const angle = (turn / 20) * Math.PI * 2;
    puffs.push({ at: [56 + Math.cos(angle) * 31, 104 + Math.sin(angle) * 17], radius: random.between(10, 13) });
  }
  for (let step = 0; step < 9; step += 1) {
    puffs.push({ at: [34 + step * 5.5, 104 + random.between(-8, 8)], radius: random.between(13, 17) });
  }
  for (let step = 0; step <= 9; step += 1) {
    const share = step / 9;
    puffs.push({ at: [82 + share * 9, 98 - share * 58], radius: 14.5 - share * 4.5 + random.between(-0.6, 0.6) });
  }
  puffs.push({ at: [20, 96], radius: 9 }, { at: [16, 102], radius: 7 }, { at: [15, 109], radius: 5 });
  return puffs;
}

function crown(random: Frame['random']): Puff[] {
  return [
    [86, 24],
    [91, 19],
    [97, 18],
    [102, 22],
    [93, 25],
    [87, 30],
  ].map(([x = 0, y = 0]) => ({ at: [x, y], radius: random.between(6.2, 7.6) }));
}

function drawn(puffs: readonly Puff[], fill: string, grow = 0): string {
  return puffs.map(({ at: [x, y], radius }) => circle(x, y, radius + grow, fill)).join('');
}

const LEG = { top: 114, bottom: 166 };

function cuff(x: number, fill: string): string {
  return ellipse(x + 4.2, 126, 8, 11, fill);
}

function legs(front: string, back: string, hoof: string): string {
  const leg = (x: number, fill: string): string =>
    rect(x, LEG.top, 8.5, LEG.bottom - LEG.top, fill, 'rx="3.5"') +
    rect(x - 0.5, LEG.bottom - 5, 9.5, 6, hoof, 'rx="2"');
  return (
    [36, 69].map((x) => leg(x, back) + cuff(x, back)).join('') +
    [28, 78].map((x) => leg(x, front) + cuff(x, front)).join('')
  );
}

const EAR = 'M0 0C-5-7-5-17 1-24C6-17 7-7 4 1Z';

function ears(fill: string, more = ''): string {
  return `<g ${more}><path d="${EAR}" fill="${fill}" transform="translate(86 21) rotate(-20)"/><path d="${EAR}" fill="${fill}" transform="translate(99 17) rotate(8)"/></g>`;
}

function head(fill: string, grow = 0): string {
  return ellipse(97, 34, 13 + grow, 11.5 + grow, fill) + ellipse(108, 38.5, 9 + grow, 7 + grow, fill);
}

/** An alpaca in three-quarter profile, lit from behind in an accent colour. It wears a visor where the scene is neon. */
export function alpaca(
  frame: Frame,
  { isNeon, coat: dye }: { readonly isNeon: boolean; readonly coat: Colour | null },
): string {
  const { palette, random, isDark } = frame;
  const [rim, second, third] = palette.accents;
  const fleece: Colour = isDark
    ? mix(dye ?? '#f3e6e0', palette.sky[1], 0.34)
    : mix(dye ?? '#fbf3e6', palette.sky[2], 0.15);
  const shade = mix(fleece, palette.ink, isDark ? 0.5 : 0.28);
  const skin = mix(mix('#cfae97', fleece, 0.35), palette.ink, isDark ? 0.22 : 0.05);
  const coat = wool(random);
  const top = crown(random);
  const outline = (fill: string, grow: number): string =>
    drawn([...coat, ...top], fill, grow) + head(fill, grow) + ears(fill) + legs(fill, fill, fill);
  const tufts = coat.map(({ at: [x, y], radius }) =>
    circle(x - radius * 0.22, y - radius * 0.28, radius * 0.72, fleece, 'opacity="0.75"'),
  );
  const curls = coat
    .filter((_puff, at) => at % 2 === 0)
    .map(
      ({ at: [x, y], radius }) =>
        `<path d="M${n(x - radius * 0.5)} ${n(y)}a${n(radius * 0.5)} ${n(radius * 0.5)} 0 0 0 ${n(radius)} 0" fill="none" stroke="${shade}" stroke-width="1" opacity="0.6" stroke-linecap="round"/>`,
    );
  const face = [
    ellipse(108.5, 40, 8, 5.6, mix(skin, '#ffffff', 0.25)),
    ellipse(113.6, 37.4, 2.4, 1.7, palette.ink),
    `<path d="M113.4 39v2.4q-3 2.6-7 1.2" fill="none" stroke="${palette.ink}" stroke-width="1.1" stroke-linecap="round"/>`,
    isNeon ? visor(rim, second) : eyes(palette.ink),
  ];
  return [
    `<defs><filter id="halo-a" x="-40%" y="-40%" width="180%" height="180%"><feGaussianBlur stdDeviation="${isDark ? 5 : 3}"/></filter></defs>`,
    `<g filter="url(#halo-a)" opacity="${isDark ? 0.75 : 0.25}">${outline(isDark ? rim : palette.ink, 1.5)}</g>`,
    `<g transform="translate(-1.6 -1.2)">${outline(isDark ? rim : palette.glow, 0.9)}</g><g transform="translate(1.4 -0.6)">${outline(isDark ? second : palette.glow, 0.5)}</g>`,
    legs(mix(fleece, shade, 0.55), shade, palette.ink),
    drawn(coat, mix(fleece, shade, 0.62)) + tufts.join('') + curls.join(''),
    ears(shade) + ears(mix(skin, '#e98fa0', 0.35), 'transform="translate(92 15) scale(0.62) translate(-91 -13)"'),
    head(skin) +
      drawn(top, mix(fleece, shade, 0.3)) +
      top.map(({ at: [x, y], radius }) => circle(x - 1, y - 1.6, radius * 0.7, fleece)).join(''),
    face.join(''),
    scarf(rim, third),
  ].join('');
}

function eyes(ink: Colour): string {
  return `${ellipse(101, 31.5, 2.7, 3.1, ink)}${circle(101.9, 30.4, 0.9, '#ffffff')}<path d="M97.6 28.6q3-2.6 6.4-.6" fill="none" stroke="${ink}" stroke-width="1" stroke-linecap="round"/>`;
}

function visor(colour: Colour, second: Colour): string {
  const shape = 'M88 28.5H110.5Q113 28.5 112 31.5L110.6 34.4Q109.8 36 107.6 36H100Q97.6 36 96.6 34.2L96 33H88Z';
  return `<path d="${shape}" fill="${colour}" opacity="0.45" stroke="${colour}" stroke-width="4" stroke-linejoin="round"/><path d="${shape}" fill="#0a0714"/><path d="M97 31H110.6" stroke="${colour}" stroke-width="2.2" stroke-linecap="round"/><path d="M98 33.4H107" stroke="${second}" stroke-width="1.1" stroke-linecap="round"/>`;
}

function scarf(colour: Colour, second: Colour): string {
  return `<path d="M78.5 68Q87 75 101 67L100 76Q87 83 77 77Z" fill="${mix(colour, '#000000', 0.12)}"/><path d="M79 71Q88 78 100.6 70" fill="none" stroke="${second}" stroke-width="1.6" opacity="0.8"/><path d="M95 74L102 73L104 94L96 95Z" fill="${mix(colour, '#000000', 0.28)}"/><path d="M96.2 88.6L103.4 87.6" stroke="${second}" stroke-width="1.6"/>`;
}
