import { mix, type Colour } from '../colour.js';
import { n, type Frame } from '../frame.js';
import type { Animal } from '../scene.words.js';
import { alpaca } from './alpaca.js';

interface Silhouette {
  readonly width: number;
  readonly height: number;
  readonly body: string;
  readonly eye: string;
}

/** Sitting, walking, flying, swimming; each stands on the lower edge of its box. */
const SILHOUETTES: Readonly<Record<Exclude<Animal, 'alpaca'>, Silhouette>> = {
  cat: {
    width: 110,
    height: 150,
    body: 'M34 14L44 30Q55 26 66 30L76 14Q82 32 80 46Q78 60 70 66Q88 84 90 112Q92 132 86 146Q100 146 104 130Q108 112 98 102Q108 100 112 116Q116 146 92 150H24Q14 150 18 140Q24 138 26 136Q20 110 28 90Q32 76 40 66Q32 60 30 46Q28 32 34 14Z',
    eye: 'M40 46Q45 40 50 46Q45 51 40 46ZM60 46Q65 40 70 46Q65 51 60 46Z',
  },
  dog: {
    width: 170,
    height: 130,
    body: 'M150 22Q162 24 166 34Q168 42 156 44L142 48Q136 60 134 72Q130 84 126 92L128 128H116L112 96Q92 100 62 94L56 106L58 128H46L42 104L34 128H22L30 92Q26 82 28 68Q14 60 6 34Q4 26 12 28Q20 48 34 54Q66 46 100 50Q112 40 116 26Q118 8 132 8L138 2L144 12Q148 16 150 22ZM116 20Q104 28 110 46Q118 44 120 28Z',
    eye: 'M138 22a3 3 0 1 0 6 0a3 3 0 1 0-6 0Z',
  },
  bird: {
    width: 200,
    height: 110,
    body: 'M2 20Q40 2 74 34Q90 48 100 52Q112 44 128 28Q160-6 198 12Q170 18 152 40Q136 60 118 68Q132 76 142 90L118 82Q104 88 92 80Q70 92 52 108Q62 84 78 70Q60 56 46 40Q28 20 2 20Z',
    eye: 'M96 66a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z',
  },
  fish: {
    width: 190,
    height: 100,
    body: 'M186 50Q160 12 112 14Q104 2 84 0Q90 10 86 20Q60 28 40 44Q22 26 4 20Q16 48 4 82Q22 76 40 58Q66 78 92 84Q90 92 82 98Q102 98 114 86Q162 86 186 50Z',
    eye: 'M154 42a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z',
  },
};

export interface AnimalOrder {
  readonly kind: Animal;
  /** Middle of the feet, in drawing units. */
  readonly x: number;
  readonly y: number;
  /** Height in drawing units. */
  readonly tall: number;
  readonly facesLeft: boolean;
  readonly isNeon: boolean;
  /** Of its coat; null for what suits the scene. */
  readonly coat: Colour | null;
}

/** One animal where it is asked for, with its shadow. */
export function animal(frame: Frame, { kind, x, y, tall, facesLeft, isNeon, coat }: AnimalOrder): string {
  const { width, height } = kind === 'alpaca' ? { width: 124, height: 168 } : SILHOUETTES[kind];
  const scale = tall / height;
  const drawing = kind === 'alpaca' ? alpaca(frame, { isNeon, coat }) : silhouette(frame, SILHOUETTES[kind], coat);
  const grounded =
    kind === 'bird' || kind === 'fish'
      ? ''
      : `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(width * scale * 0.42)}" ry="${n(tall * 0.035)}" fill="${frame.palette.ink}" opacity="0.5"/>`;
  const flip = facesLeft ? -1 : 1;
  return `${grounded}<g transform="translate(${n(x)} ${n(y - tall)}) scale(${(scale * flip).toFixed(3)} ${scale.toFixed(3)}) translate(${n(-width / 2)} 0)">${drawing}</g>`;
}

/** Dark against the light, with a rim of it. */
function silhouette({ palette, isDark }: Frame, { body, eye }: Silhouette, coat: Colour | null): string {
  const [rim, second] = palette.accents;
  const light = isDark ? rim : palette.glow;
  const fur = coat ?? mix(palette.ink, second, 0.34);
  return `<defs><filter id="halo-s" x="-40%" y="-40%" width="180%" height="180%"><feGaussianBlur stdDeviation="4"/></filter><linearGradient id="fur" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${fur}"/><stop offset="1" stop-color="${mix(fur, palette.ink, coat === null ? 1 : 0.5)}"/></linearGradient></defs><path d="${body}" fill="${light}" filter="url(#halo-s)" opacity="0.7"/><path d="${body}" fill="${light}" transform="translate(-1.8 -1.6)"/><path d="${body}" fill="url(#fur)"/><path d="${eye}" fill="${mix(palette.accents[2], palette.glow, 0.5)}"/>`;
}
