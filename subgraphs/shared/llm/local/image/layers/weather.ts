import { circle, ellipse, n, rect, type Frame } from '../frame.js';

export function snowfall({ width, height, random }: Frame): string {
  return Array.from({ length: 160 }, () =>
    circle(
      random.between(0, width),
      random.between(0, height),
      random.between(1, 4.5),
      '#ffffff',
      `opacity="${random.between(0.4, 0.95).toFixed(2)}"`,
    ),
  ).join('');
}

export function rainfall({ width, height, random }: Frame): string {
  const drops = Array.from({ length: 170 }, () =>
    rect(
      random.between(-60, width),
      random.between(-40, height),
      1.4,
      random.between(18, 60),
      '#dfefff',
      `opacity="${random.between(0.12, 0.4).toFixed(2)}"`,
    ),
  );
  return `<g transform="skewX(-8)">${drops.join('')}</g>`;
}

/** Banks that hang over the ground and veil what is far. */
export function fog({ width, horizon, height, palette, random, isDark }: Frame): string {
  const banks = Array.from({ length: 16 }, () =>
    ellipse(
      random.between(-0.1, 1.1) * width,
      horizon + random.between(-0.35, 0.3) * (height - horizon),
      random.between(0.15, 0.4) * width,
      random.between(12, 44),
      palette.sky[2],
      `opacity="${random.between(0.25, 0.6).toFixed(2)}"`,
    ),
  );
  const soft =
    '<filter id="fog" x="-20%" y="-60%" width="140%" height="220%"><feGaussianBlur stdDeviation="26 9"/></filter>';
  return `<defs>${soft}</defs><g filter="url(#fog)" opacity="${n(isDark ? 0.5 : 0.8)}">${banks.join('')}</g>`;
}
