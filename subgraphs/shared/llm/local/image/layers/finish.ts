import { circle, n, radialGradient, rect, type Frame } from '../frame.js';
import type { Finish } from '../scene.js';

/** Wraps the drawing in the manner asked for, and lays grain and vignette over it. */
export function finished(drawing: string, { width, height, random, palette, isDark }: Frame, finish: Finish): string {
  const seed = random.whole(1, 9_999);
  if (finish === 'minimal') return drawing;
  if (finish === 'watercolor') return watercolor(drawing, width, height, seed);
  const edge = radialGradient('edge', [
    { at: 0.55, colour: palette.ink, opacity: 0 },
    { at: 1, colour: palette.ink, opacity: isDark ? 0.6 : 0.32 },
  ]);
  const grain = `<filter id="grain" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.9" numOctaves="1" seed="${seed}"/><feColorMatrix values="0 0 0 0 0.5 0 0 0 0 0.5 0 0 0 0 0.5 0.9 0 0 0 -0.34"/></filter>`;
  const lines =
    finish === 'retro'
      ? Array.from({ length: Math.floor(height / 6) }, (_line, at) =>
          rect(0, at * 6, width, 1.6, '#000000', 'opacity="0.14"'),
        ).join('')
      : '';
  return `<defs>${edge}${grain}</defs>${drawing}${lines}<rect width="${n(width)}" height="${n(height)}" filter="url(#grain)" opacity="0.28"/><g transform="translate(${n(width / 2)} ${n(height / 2)}) scale(${n(width / 1000)} ${n(height / 1000)})">${rect(-720, -720, 1440, 1440, 'none')}${circle(0, 0, 760, 'url(#edge)')}</g>`;
}

/** Edges that bleed, pigment that pools, the tooth of the paper, and a border left white. */
function watercolor(drawing: string, width: number, height: number, seed: number): string {
  const bleed = `<filter id="bleed" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.012" numOctaves="3" seed="${seed}" result="flow"/><feDisplacementMap in="SourceGraphic" in2="flow" scale="38" xChannelSelector="R" yChannelSelector="G"/><feGaussianBlur stdDeviation="0.9"/></filter>`;
  const pool = `<filter id="pool" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.006" numOctaves="2" seed="${seed + 1}"/><feColorMatrix values="0 0 0 0 1 0 0 0 0 1 0 0 0 0 0.97 1.7 0 0 0 -0.72"/></filter>`;
  const paper = `<filter id="paper" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="0.35" numOctaves="1" seed="${seed + 2}"/><feColorMatrix values="0 0 0 0 0.35 0 0 0 0 0.33 0 0 0 0 0.3 0.7 0 0 0 -0.3"/></filter>`;
  const torn = `<filter id="torn" x="-5%" y="-5%" width="110%" height="110%"><feTurbulence type="fractalNoise" baseFrequency="0.02" numOctaves="2" seed="${seed + 3}" result="t"/><feGaussianBlur in="SourceGraphic" stdDeviation="7" result="s"/><feDisplacementMap in="s" in2="t" scale="60"/></filter>`;
  const page = (filter: string, opacity: number): string =>
    `<rect width="${n(width)}" height="${n(height)}" filter="url(#${filter})" opacity="${opacity}"/>`;
  const inside = `<mask id="inside"><g filter="url(#torn)">${rect(46, 46, width - 92, height - 92, '#fff')}</g></mask>`;
  return `<defs>${bleed}${pool}${paper}${torn}${inside}</defs>${rect(0, 0, width, height, '#fbf7ee')}<g mask="url(#inside)"><g filter="url(#bleed)" opacity="0.95">${drawing}</g>${page('pool', 0.4)}</g>${page('paper', 0.45)}`;
}
