import { mix } from '../colour.js';
import { circle, ellipse, n, radialGradient, rect, verticalGradient, type Frame } from '../frame.js';

/** The sky, its light and what floats in it. */
export function sky(frame: Frame, light: 'sun' | 'moon', isRetro: boolean): string {
  const { width, height, horizon, palette, isDark } = frame;
  const [top, middle, bottom] = palette.sky;
  const gradient = verticalGradient('sky', [
    { at: 0, colour: top },
    { at: 0.55, colour: middle },
    { at: 1, colour: bottom },
  ]);
  const parts = [
    `<defs>${gradient}</defs>`,
    rect(0, 0, width, height, mix(palette.far, palette.near, 0.4)),
    rect(0, 0, width, horizon + 2, 'url(#sky)'),
  ];
  if (isDark) parts.push(stars(frame, isRetro ? 90 : 220));
  parts.push(isRetro ? stripedSun(frame) : light === 'moon' ? moon(frame) : sun(frame));
  if (!isRetro) parts.push(clouds(frame));
  return parts.join('');
}

export function stars({ width, horizon, random, palette }: Frame, count: number): string {
  const parts: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const x = random.between(0, width);
    const y = random.between(0, horizon) ** 1.02;
    const big = random.chance(0.06);
    const opacity = random.between(0.35, 1).toFixed(2);
    const colour = random.chance(0.2) ? palette.accents[2] : '#ffffff';
    parts.push(circle(x, y, big ? random.between(2, 3.2) : random.between(0.6, 1.6), colour, `opacity="${opacity}"`));
    if (big) parts.push(circle(x, y, 9, colour, 'opacity="0.12"'));
  }
  return parts.join('');
}

function glow(x: number, y: number, radius: number, frame: Frame): string {
  const { glow: colour } = frame.palette;
  const gradient = radialGradient('glow', [
    { at: 0, colour, opacity: 0.75 },
    { at: 0.35, colour, opacity: 0.28 },
    { at: 1, colour, opacity: 0 },
  ]);
  return `<defs>${gradient}</defs>${circle(x, y, radius * 4.6, 'url(#glow)')}`;
}

function lightPlace({ width, horizon, random }: Frame, from: number, to: number): [number, number] {
  const side = random.chance(0.5) ? random.between(0.16, 0.38) : random.between(0.62, 0.84);
  return [width * side, horizon * random.between(from, to)];
}

function sun(frame: Frame): string {
  const [x, y] = lightPlace(frame, 0.3, 0.82);
  const radius = frame.random.between(55, 95);
  return glow(x, y, radius, frame) + circle(x, y, radius, frame.palette.glow, 'opacity="0.96"');
}

function moon(frame: Frame): string {
  const [x, y] = lightPlace(frame, 0.2, 0.5);
  const radius = frame.random.between(52, 88);
  const shade = mix(frame.palette.glow, frame.palette.sky[1], 0.28);
  const craters = [0, 1, 2, 3, 4].map((at) => {
    const angle = at * 2.4;
    const away = radius * (0.15 + at * 0.13);
    return circle(
      x + Math.cos(angle) * away,
      y + Math.sin(angle) * away,
      radius * (0.2 - at * 0.025),
      shade,
      'opacity="0.5"',
    );
  });
  return glow(x, y, radius, frame) + circle(x, y, radius, frame.palette.glow) + craters.join('');
}

/** The sun of synthwave covers: cut by bars that widen downwards. */
function stripedSun({ width, horizon, palette }: Frame): string {
  const radius = Math.min(width, horizon) * 0.36;
  const y = horizon - radius * 0.55;
  const [pink, , yellow] = palette.accents;
  const gradient = verticalGradient('stripes', [
    { at: 0, colour: yellow },
    { at: 1, colour: pink },
  ]);
  const bars = [0, 1, 2, 3, 4, 5].map((at) =>
    rect(0, y - radius * 0.12 + at * radius * 0.19, width, radius * (0.025 + at * 0.014), '#000'),
  );
  const mask = `<mask id="bars">${rect(0, 0, width, horizon, '#fff')}${bars.join('')}</mask>`;
  const halo = radialGradient('halo', [
    { at: 0.3, colour: pink, opacity: 0.55 },
    { at: 1, colour: pink, opacity: 0 },
  ]);
  return `<defs>${gradient}${halo}${mask}</defs>${circle(width / 2, y, radius * 1.9, 'url(#halo)')}${circle(width / 2, y, radius, 'url(#stripes)', 'mask="url(#bars)"')}`;
}

function clouds({ width, horizon, random, palette, isDark }: Frame): string {
  const parts: string[] = [];
  for (let bank = random.whole(2, 5); bank > 0; bank -= 1) {
    const x = random.between(-0.1, 1.1) * width;
    const y = horizon * random.between(0.12, 0.75);
    const long = random.between(90, 260);
    for (let puff = 0; puff < 7; puff += 1) {
      parts.push(
        ellipse(
          x + random.between(-1, 1) * long,
          y + random.between(-9, 9),
          long * random.between(0.3, 0.7),
          random.between(7, 20),
          palette.sky[2],
        ),
      );
    }
  }
  return `<defs><filter id="mist" x="-20%" y="-60%" width="140%" height="220%"><feGaussianBlur stdDeviation="14 5"/></filter></defs><g filter="url(#mist)" opacity="${n(isDark ? 0.2 : 0.6)}">${parts.join('')}</g>`;
}
