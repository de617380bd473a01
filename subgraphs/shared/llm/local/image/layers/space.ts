import { mix } from '../colour.js';
import { circle, ellipse, n, radialGradient, rect, stops, type Frame } from '../frame.js';
import { stars } from './sky.js';

/** Deep space: clouds of gas, a band of stars, one large planet, ringed or not, and its small companions. */
export function space(frame: Frame): string {
  const { width, height, palette, random } = frame;
  const [top, middle, low] = palette.sky;
  const whole = { ...frame, horizon: height };
  const base = `<defs><linearGradient id="deep" x1="0" y1="0" x2="1" y2="1">${stops([
    { at: 0, colour: top },
    { at: 0.6, colour: middle },
    { at: 1, colour: top },
  ])}</linearGradient></defs>${rect(0, 0, width, height, 'url(#deep)')}`;
  return (
    base +
    nebula(whole, [low, palette.accents[0], palette.accents[1]]) +
    stars(whole, 330) +
    planet(whole, random.between(0.3, 0.7))
  );
}

function nebula({ width, height, random }: Frame, colours: readonly `#${string}`[]): string {
  const gas = colours.map((colour, at) => {
    const id = `gas${at}`;
    const slope = random.between(-28, 28);
    const filter = `<filter id="${id}" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${random.between(0.0022, 0.0042).toFixed(4)}" numOctaves="5" seed="${random.whole(1, 9999)}"/><feColorMatrix values="0 0 0 0 ${channel(colour, 0)} 0 0 0 0 ${channel(colour, 1)} 0 0 0 0 ${channel(colour, 2)} 2.6 0 0 0 -1.02"/></filter>`;
    const soft = `<mask id="${id}m"><ellipse cx="${n(width * 0.5)}" cy="${n(height * random.between(0.35, 0.65))}" rx="${n(width * 0.75)}" ry="${n(height * 0.3)}" fill="url(#${id}g)" transform="rotate(${n(slope)} ${n(width / 2)} ${n(height / 2)})"/></mask>`;
    const fade = radialGradient(`${id}g`, [
      { at: 0, colour: '#ffffff' },
      { at: 1, colour: '#000000' },
    ]);
    return `<defs>${filter}${fade}${soft}</defs><g mask="url(#${id}m)"><rect width="${n(width)}" height="${n(height)}" filter="url(#${id})" opacity="0.85"/></g>`;
  });
  return gas.join('');
}

function channel(colour: string, at: number): string {
  return (Number.parseInt(colour.slice(1 + at * 2, 3 + at * 2), 16) / 255).toFixed(3);
}

function planet({ width, height, palette, random }: Frame, share: number): string {
  const radius = random.between(120, 210);
  const x = width * share;
  const y = height * random.between(0.42, 0.62);
  const [warm, cool] = palette.accents;
  const light = `<radialGradient id="planet" cx="0.32" cy="0.3" r="0.85">${stops([
    { at: 0, colour: mix(warm, '#ffffff', 0.45) },
    { at: 0.45, colour: warm },
    { at: 1, colour: palette.ink },
  ])}</radialGradient><clipPath id="disc">${circle(x, y, radius, '#fff')}</clipPath>`;
  const bands = Array.from({ length: 9 }, (_band, at) =>
    ellipse(
      x,
      y - radius + (at + 0.5) * radius * 0.23,
      radius * 1.2,
      random.between(4, radius * 0.1),
      at % 2 === 0 ? mix(warm, '#ffffff', 0.5) : palette.ink,
      'opacity="0.16"',
    ),
  );
  const tilt = random.between(-24, 24);
  const ring = (half: 'back' | 'front'): string =>
    `<g transform="rotate(${n(tilt)} ${n(x)} ${n(y)})"><clipPath id="${half}">${rect(x - radius * 3, half === 'back' ? y - radius : y, radius * 6, radius, '#fff')}</clipPath><g clip-path="url(#${half})">${[
      1.55, 1.72, 1.92,
    ]
      .map(
        (size, at) =>
          `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(radius * size)}" ry="${n(radius * size * 0.27)}" fill="none" stroke="${mix(cool, '#ffffff', 0.25 * at)}" stroke-width="${n(radius * (0.12 - at * 0.03))}" opacity="0.8"/>`,
      )
      .join('')}</g></g>`;
  const air = radialGradient('air', [
    { at: 0.72, colour: warm, opacity: 0.5 },
    { at: 1, colour: warm, opacity: 0 },
  ]);
  const companions = [0, 1].map((at) => {
    const size = random.between(14, 40);
    const cx = width * (at === 0 ? random.between(0.08, 0.25) : random.between(0.75, 0.92));
    const cy = height * random.between(0.12, 0.88);
    return (
      circle(cx, cy, size, mix(cool, palette.ink, 0.35)) +
      circle(cx - size * 0.22, cy - size * 0.22, size * 0.72, cool, 'opacity="0.6"')
    );
  });
  const ringed = random.chance(0.7);
  return `<defs>${light}${air}</defs>${companions.join('')}${circle(x, y, radius * 1.35, 'url(#air)')}${ringed ? ring('back') : ''}${circle(x, y, radius, 'url(#planet)')}<g clip-path="url(#disc)"><g transform="rotate(${n(tilt)} ${n(x)} ${n(y)})">${bands.join('')}</g></g>${ringed ? ring('front') : ''}`;
}
