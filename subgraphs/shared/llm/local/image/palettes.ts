import type { Colour } from './colour.js';

export interface Palette {
  /** Top, middle, horizon. */
  readonly sky: readonly [Colour, Colour, Colour];
  /** Sun or moon, and the light on things. */
  readonly glow: Colour;
  /** The farthest and the nearest ground; what lies between is mixed of them. */
  readonly far: Colour;
  readonly near: Colour;
  /** The darkest: silhouettes in front. */
  readonly ink: Colour;
  readonly accents: readonly [Colour, Colour, Colour];
}

export type PaletteName =
  'day' | 'sunset' | 'night' | 'neon' | 'retro' | 'winter' | 'autumn' | 'pastel' | 'desert' | 'space' | 'forest';

function palette(text: string): Palette {
  const [a, b, c, glow, far, near, ink, x, y, z] = text.split(' ').map((code): Colour => `#${code}`) as [
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
    Colour,
  ];
  return { sky: [a, b, c], glow, far, near, ink, accents: [x, y, z] };
}

/** Sky top, middle, horizon; glow; far, near; ink; three accents. Each mood has some to choose from. */
export const PALETTES: Readonly<Record<PaletteName, readonly [Palette, ...Palette[]]>> = {
  day: [
    palette('2f7fc4 86c5ea f6eed6 fff4cf 9dbccb 3c7a5c 17352f e4572e f2b134 fff1d0'),
    palette('1d6fa5 6fb7d6 fbe3c0 fff0c4 a9bfc0 4b7b4a 1c3126 d1495b edae49 fdf6e3'),
    palette('4a90b8 a5d3de fdf3da fffbe6 a8c3bd 5a8f6b 20413a ef6f6c f7c548 ffffff'),
  ],
  sunset: [
    palette('2a2557 c2466f ffb066 fff0b8 9d5a7c 3a2350 160d26 ff6b6b ffd166 ff9f80'),
    palette('3b1c4a e05a5a ffc978 fff3c8 a8605f 44203f 1a0b1e f72585 ffb703 ffd6a5'),
    palette('1f3a5f d9735b ffd08a fff2cc 8c6a76 2e2f4a 121425 ef476f ffc43d f78c6b'),
  ],
  night: [
    palette('050a1f 12244f 3c5a94 f4f1d8 2c4272 101b3a 04070f 7fd1ff ffd97d b8c5ff'),
    palette('0a0820 231a52 54529b fdf0d5 3a3670 151233 06050f c77dff ffe08a 9ad1ff'),
    palette('03121c 0b3548 2f7480 f0f7e0 1d4f5e 0a2530 030b10 5ce1c5 ffe29a a7f0ff'),
  ],
  neon: [
    palette('090320 3a0c63 ff2d8a ffd1f0 551b86 1a0838 06020f 19f0ff ff2e9a ffe45c'),
    palette('030918 0d2b5c 17b8c9 d6fbff 174a7d 081733 02050f ff2bd6 21f6ff fff27a'),
    palette('0b0218 4a0b52 ff6a3d ffe3c4 6a1b6e 210a33 08030f 00f5d4 ff3fa4 ffd23f'),
  ],
  retro: [
    palette('13002e 5a0f7c ff7657 ffe26b 6d1b86 25083f 0b0218 ff2e97 18e6ff ffd319'),
    palette('0b1033 54247f ff5f8f ffd56b 4f2c8a 180d3d 080418 ff4fa3 2de2e6 ffe66d'),
  ],
  winter: [
    palette('5f8fb8 a9cbe2 f3f7fb ffffff b3c9dc dfeaf3 2b4560 d1495b f2c14e ffffff'),
    palette('394f78 9aa9cf f9e4e0 fff6ea a9b4d1 e3e9f5 26324f ef8354 f4d58d ffffff'),
  ],
  autumn: [
    palette('56708c c9b79c f7dfb3 fff0c9 b98f6b 7a3b1e 2c160d d1491b f0a202 f6c667'),
    palette('6b5b73 d99a6c fbe0a8 fff3cf c07a4b 6b2d1a 260f0a c8371b f49d1a ffd46b'),
  ],
  pastel: [
    palette('a9c9e8 e2d3ea fdeee0 fffaf0 c6c3dd 92b4a7 4f6272 f2a1a8 f7cf9a fff7ef'),
    palette('b4dcd3 f6e3d5 fff5e4 fffdf5 c9d5c5 9aa8b8 59606e ef9a9a c6a5d8 fffaf2'),
  ],
  desert: [
    palette('2f6f9f e8b98a fde3b5 fff6d8 d9965f b0562c 3d1a12 d8572a f7b538 ffe8c2'),
    palette('5a3d6b e27b58 fbd08f fff1c9 c76b4a 86362b 2c1016 db504a ffcf56 ffe3b8'),
  ],
  space: [
    palette('04030f 140a33 3a1760 fff3d0 2f1c5c 0e0724 030209 ff5fa2 5fd7ff ffd27a'),
    palette('02070f 06233a 155b6b eafff8 14485c 04141f 01050a 4df0c0 ff9a6b ffe6a0'),
  ],
  forest: [
    palette('7fb0a8 bcd6bd f2f1d2 fffbe0 8fb39a 24513f 0d231c e76f51 e9c46a fefae0'),
    palette('3f6f73 9dbf9e f5e9bd fff5cc 7ea38a 1d4437 0a1c18 bc4749 f2e8a0 fefae0'),
  ],
};
