import { mix } from '../colour.js';
import { circle, n, radialGradient, rect, verticalGradient, type Frame } from '../frame.js';

const FACE =
  'M-16-96C-70-92-92-46-84-2C-98 14-108 26-106 36C-104 42-92 42-90 46C-92 56-94 60-90 66C-84 70-88 74-88 80C-88 90-76 92-74 104C-72 122-58 126-34 120C-30 150-36 180-64 196C-150 214-196 250-206 330H206C196 250 140 214 74 198C52 180 48 150 52 110C84 84 96 50 92 4C86-60 44-100-16-96Z';
const HAIR =
  'M-84-2C-78-10-66-26-62-44C-34-22 0-26 22-22C16 0 30 10 34 28C46 22 60 30 52 46C48 58 38 60 34 64C40 90 46 120 84 156C120 120 128 50 116-14C104-90 50-134-20-124C-84-116-104-60-84-2Z';

/** A head in profile before a disc of light: poster art, nobody in particular. */
export function portrait(frame: Frame): string {
  const { width, height, palette, random } = frame;
  const [top, middle, low] = palette.sky;
  const [warm, cool, light] = palette.accents;
  const scale = Math.min(width / 480, height / 520);
  const flip = random.chance(0.5) ? 1 : -1;
  const disc = radialGradient('disc-light', [
    { at: 0, colour: mix(low, '#ffffff', 0.3) },
    { at: 0.8, colour: warm },
    { at: 1, colour: mix(warm, top, 0.3) },
  ]);
  const skin = verticalGradient('skin', [
    { at: 0, colour: mix(warm, light, 0.65) },
    { at: 0.45, colour: mix(warm, palette.near, 0.35) },
    { at: 1, colour: mix(palette.near, cool, 0.2) },
  ]);
  const hair = verticalGradient('hair', [
    { at: 0, colour: mix(palette.ink, cool, 0.25) },
    { at: 1, colour: palette.ink },
  ]);
  const wall = verticalGradient('wall', [
    { at: 0, colour: top },
    { at: 1, colour: middle },
  ]);
  const rays = Array.from(
    { length: 28 },
    (_ray, at) =>
      `<path d="M0 0L-14-900L14-900Z" fill="${at % 2 === 0 ? cool : light}" opacity="0.14" transform="rotate(${n((at * 360) / 28)})"/>`,
  );
  const strands = Array.from(
    { length: 7 },
    (_strand, at) =>
      `<path d="M${n(-58 + at * 12)}${n(-60 - at * 7)}C${n(20 + at * 8)} ${n(-74 - at * 5)} ${n(70 + at * 6)} ${n(-30)} ${n(60 + at * 7)} ${n(70 + at * 6)}" fill="none" stroke="${mix(cool, light, at / 7)}" stroke-width="2" opacity="0.5"/>`,
  );
  const dots = Array.from({ length: 26 }, () =>
    circle(
      random.between(-230, 230),
      random.between(-240, 170),
      random.between(1.5, 7),
      random.pick(palette.accents),
      'opacity="0.7"',
    ),
  );
  const eye = `<path d="M-82 12Q-66 2-52 12" fill="none" stroke="${palette.ink}" stroke-width="5" stroke-linecap="round"/><path d="M-86-12Q-66-24-46-14" fill="none" stroke="${palette.ink}" stroke-width="5" stroke-linecap="round"/><path d="M-90 76Q-76 78-66 74" fill="none" stroke="${palette.ink}" stroke-width="4" stroke-linecap="round"/>`;
  return `<defs>${disc}${skin}${hair}${wall}</defs>${rect(0, 0, width, height, 'url(#wall)')}<g transform="translate(${n(width / 2)} ${n(height * 0.5)}) scale(${(scale * flip).toFixed(3)} ${scale.toFixed(3)})">${rays.join('')}${circle(0, -10, 178, 'url(#disc-light)')}${dots.join('')}<g transform="translate(8 -6)"><path d="${FACE}" fill="${light}" transform="translate(-5 -3)" opacity="0.8"/><path d="${FACE}" fill="url(#skin)"/><path d="${HAIR}" fill="url(#hair)"/>${strands.join('')}${eye}</g></g>${rect(0, height * 0.995, width, height * 0.005, top)}`;
}
