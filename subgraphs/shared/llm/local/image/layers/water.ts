import { mix } from '../colour.js';
import { circle, ellipse, n, polygon, rect, stops, verticalGradient, type Frame, type Point } from '../frame.js';

/** The sea from the horizon to the viewer: bands of light, and the reflection of what shines above. */
export function sea(frame: Frame): string {
  const { width, height, horizon, palette, random } = frame;
  const fill = verticalGradient('sea', [
    { at: 0, colour: mix(palette.sky[2], palette.sky[1], 0.35) },
    { at: 0.35, colour: mix(palette.sky[1], palette.sky[0], 0.5) },
    { at: 1, colour: mix(palette.sky[0], palette.ink, 0.55) },
  ]);
  const parts = [`<defs>${fill}</defs>`, rect(0, horizon, width, height - horizon + 10, 'url(#sea)')];
  for (let at = 0; at < 190; at += 1) {
    const depth = random.between(0, 1) ** 1.6;
    const y = horizon + 3 + (height - horizon) * depth;
    const colour = random.chance(0.6) ? mix(palette.glow, palette.sky[2], 0.4) : mix(palette.sky[0], palette.ink, 0.4);
    const long = (14 + depth * 150) * random.between(0.4, 1.4);
    parts.push(
      ellipse(
        random.between(0, width),
        y,
        long,
        0.9 + depth * 3.4,
        colour,
        `opacity="${random.between(0.08, 0.34).toFixed(2)}"`,
      ),
    );
  }
  return parts.join('');
}

/** A small boat under sail, with its reflection. */
export function sailingBoat({ width, height, horizon, palette, random }: Frame): string {
  const size = random.between(60, 105);
  const x = width * random.between(0.3, 0.7);
  const y = horizon + (height - horizon) * random.between(0.2, 0.4);
  const boat = (flip: number, opacity: number): string =>
    `<g transform="translate(${n(x)} ${n(y)}) scale(${n(size)} ${flip * size})" opacity="${opacity}"><path d="M-1-.18H1Q.8.12.5.14H-.6Q-.9.1-1-.18Z" fill="${palette.ink}"/><path d="M0-.25V-2.1Q1-.9.95-.25Z" fill="${palette.glow}"/><path d="M-.08-.25V-1.8Q-.8-.8-.8-.25Z" fill="${palette.accents[0]}"/></g>`;
  return boat(-0.6, 0.22) + boat(1, 1);
}

/** A lighthouse on its rock, at one side, its beams over the water. */
export function lighthouse(frame: Frame): string {
  const { width, height, horizon, palette, random, isDark } = frame;
  const tall = Math.min(480, horizon * 0.8);
  const foot = horizon + (height - horizon) * 0.16;
  const isLeft = random.chance(0.5);
  const x = width * (isLeft ? random.between(0.2, 0.34) : random.between(0.66, 0.8));
  const lamp = foot - tall;
  const [red] = palette.accents;
  const white = mix('#ffffff', palette.sky[1], isDark ? 0.45 : 0.12);
  const half = (share: number): number => tall * (0.062 + 0.038 * share);
  const bands = [0, 1, 2, 3, 4].map((at) => {
    const [top, low] = [at / 5, (at + 1) / 5];
    const corners: Point[] = [
      [x - half(top), lamp + tall * top],
      [x + half(top), lamp + tall * top],
      [x + half(low), lamp + tall * low],
      [x - half(low), lamp + tall * low],
    ];
    return polygon(corners, at % 2 === 0 ? white : red);
  });
  const shade = polygon(
    [
      [x + half(0) * 0.3, lamp],
      [x + half(0), lamp],
      [x + half(1), foot],
      [x + half(1) * 0.3, foot],
    ],
    palette.ink,
    'opacity="0.28"',
  );
  const rock: Point[] = [-2.6, -1.5, -0.9, 0, 0.8, 1.7, 2.8].map((step, at) => [
    x + step * tall * 0.22,
    foot + (at === 0 || at === 6 ? tall * 0.16 : random.between(-0.03, 0.05) * tall),
  ]);
  const top = half(0);
  return [
    beam(frame, [x, lamp - 30], 1) + beam(frame, [x, lamp - 30], -1),
    ...bands,
    shade,
    rect(x - top * 1.45, lamp - 6, top * 2.9, 10, palette.ink),
    rect(x - top * 0.75, lamp - 46, top * 1.5, 40, palette.glow),
    `<path d="M${n(x - top * 1.05)} ${n(lamp - 44)}L${n(x)} ${n(lamp - 84)}L${n(x + top * 1.05)} ${n(lamp - 44)}Z" fill="${red}"/>`,
    circle(x, lamp - 26, top * 1.9, palette.glow, 'opacity="0.35"'),
    polygon(rock, palette.ink),
  ].join('');
}

/** What a lamp throws to one side: 1 is the right, -1 the left. */
function beam({ width, palette, isDark }: Frame, [x, y]: Point, side: 1 | -1): string {
  const id = side > 0 ? 'beamRight' : 'beamLeft';
  const [from, to] = side > 0 ? [0, 1] : [1, 0];
  const light = `<linearGradient id="${id}" x1="${from}" x2="${to}">${stops([
    { at: 0, colour: palette.glow, opacity: isDark ? 0.6 : 0.4 },
    { at: 0.8, colour: palette.glow, opacity: 0 },
  ])}</linearGradient>`;
  return `<defs>${light}</defs><path d="M${n(x)} ${n(y)}L${n(x + side * width)} ${n(y - 160)}V${n(y + 100)}Z" fill="url(#${id})"/>`;
}

/** Below the surface: light that falls in shafts, bubbles, and weed on the ground. */
export function underwater({ width, height, palette, random }: Frame): string {
  const [deep, middle, light] = palette.sky;
  const fill = verticalGradient('depth', [
    { at: 0, colour: mix(mix(middle, '#6fd6d2', 0.5), light, 0.3) },
    { at: 0.45, colour: mix(mix(middle, deep, 0.5), '#0f7f96', 0.5) },
    { at: 1, colour: mix(mix(deep, '#04364a', 0.6), palette.ink, 0.45) },
  ]);
  const shafts = Array.from({ length: 9 }, () => {
    const x = random.between(-0.1, 1.1) * width;
    const wide = random.between(20, 90);
    return polygon(
      [
        [x, -10],
        [x + wide, -10],
        [x + wide * 2.4 - 180, height],
        [x - 240, height],
      ],
      '#ffffff',
      `opacity="${random.between(0.03, 0.1).toFixed(2)}"`,
    );
  });
  const weed = Array.from({ length: 46 }, () => {
    const x = random.between(0, width);
    const tall = random.between(70, 300) * (0.4 + Math.abs(x / width - 0.5) * 1.3);
    const sway = random.between(-40, 40);
    const colour = mix(
      random.pick([palette.near, '#1f6f5c', palette.accents[0]]),
      palette.ink,
      random.between(0.2, 0.6),
    );
    return `<path d="M${n(x)} ${n(height + 10)}C${n(x + sway)} ${n(height - tall * 0.4)} ${n(x - sway)} ${n(height - tall * 0.7)} ${n(x + sway * 0.6)} ${n(height - tall)}" fill="none" stroke="${colour}" stroke-width="${n(random.between(6, 18))}" stroke-linecap="round"/>`;
  });
  const bubbles = Array.from({ length: 60 }, () => {
    const radius = random.between(2, 13);
    const [x, y] = [random.between(0, width), random.between(0, height)];
    return (
      circle(x, y, radius, '#ffffff', 'opacity="0.14"') +
      circle(x - radius * 0.3, y - radius * 0.35, radius * 0.28, '#ffffff', 'opacity="0.6"')
    );
  });
  return `<defs>${fill}</defs>${rect(0, 0, width, height, 'url(#depth)')}${shafts.join('')}${weed.join('')}${bubbles.join('')}`;
}
