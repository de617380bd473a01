import { mix, turned, type Colour } from './colour.js';
import { PALETTES, type Palette, type PaletteName } from './palettes.js';
import { createRandom, type Random } from './random.js';
import * as words from './scene.words.js';
import type { Animal, Setting } from './scene.words.js';

export type Finish = 'plain' | 'watercolor' | 'minimal' | 'retro';

/** What a prompt asks to be drawn. */
export interface Scene {
  readonly settings: ReadonlySet<Setting>;
  readonly animals: readonly Animal[];
  readonly mood: PaletteName;
  readonly palette: Palette;
  readonly finish: Finish;
  readonly light: 'sun' | 'moon';
  readonly isDark: boolean;
  readonly isRainy: boolean;
  readonly isSnowy: boolean;
  readonly isFoggy: boolean;
  readonly hasLighthouse: boolean;
  /** The colour that the prompt gives its animal; null when it gives none. */
  readonly coat: Colour | null;
  readonly random: Random;
}

export interface SceneOrder {
  readonly prompt: string;
  readonly style?: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

const MOST_WORDS = 400;
const DARK: ReadonlySet<PaletteName> = new Set(['night', 'neon', 'retro', 'space']);
const LANDS: readonly [Setting, ...Setting[]] = [
  'mountains',
  'sea',
  'forest',
  'meadow',
  'desert',
  'abstract',
  'abstract',
];
const HOME: Readonly<Record<Animal, readonly [Setting, ...Setting[]]>> = {
  alpaca: ['mountains'],
  cat: ['city', 'meadow'],
  dog: ['meadow', 'mountains'],
  bird: ['mountains', 'sea', 'forest'],
  fish: ['sea'],
};
const USUAL_MOOD: Readonly<Record<Setting, readonly [PaletteName, ...PaletteName[]]>> = {
  mountains: ['day', 'sunset', 'night', 'pastel'],
  sea: ['day', 'sunset', 'night'],
  city: ['night', 'sunset', 'neon'],
  forest: ['forest', 'autumn', 'sunset'],
  desert: ['desert'],
  space: ['space'],
  meadow: ['day', 'sunset', 'pastel'],
  portrait: ['sunset', 'neon', 'pastel', 'retro'],
  abstract: ['neon', 'sunset', 'pastel', 'retro', 'night', 'autumn', 'day'],
};

/** Reads a prompt. Words it does not know still count: they are in the seed of everything that is left to chance. */
export function sceneOf({ prompt, style = '', seed, width, height }: SceneOrder): Scene {
  const random = createRandom(JSON.stringify([prompt, style, seed, width, height]));
  const asked = wordsOf(`${prompt} ${style}`);
  const has = (list: string): boolean => list.split(' ').some((word) => asked.has(word));
  const animals = keysOf(words.ANIMALS).filter((animal) => has(words.ANIMALS[animal]));
  const settings = new Set(keysOf(words.SETTINGS).filter((setting) => has(words.SETTINGS[setting])));
  if (settings.size === 0) settings.add(animals[0] ? random.pick(HOME[animals[0]]) : random.pick(LANDS));
  const [main] = settings;
  const mood =
    keysOf(words.MOODS).find((name) => has(words.MOODS[name])) ?? random.pick(USUAL_MOOD[main ?? 'abstract']);
  const finish = keysOf(words.FINISHES).find((name) => has(words.FINISHES[name])) ?? 'plain';
  const isDark = DARK.has(mood);
  const named = [...asked].flatMap((word) =>
    Object.hasOwn(words.COLOURS, word) ? [words.COLOURS[word] ?? '#000000'] : [],
  );
  return {
    settings,
    animals,
    mood,
    finish,
    isDark,
    random,
    palette: coloured(
      random.pick(PALETTES[mood]),
      { named: animals.length > 0 ? [] : named, isMeadow: settings.has('meadow') },
      random,
    ),
    coat: animals.length > 0 ? (named[0] ?? null) : null,
    light: has(words.MOON) || (isDark && mood !== 'retro' && !has(words.SUN)) ? 'moon' : 'sun',
    isRainy: has(words.RAIN),
    isSnowy: mood === 'winter',
    isFoggy: has(words.FOG),
    hasLighthouse: has(words.LIGHTHOUSE),
  };
}

/** The palette, a little off by the seed, and towards the colours that the prompt names for it; a meadow's are its flowers'. */
function coloured(
  base: Palette,
  { named, isMeadow }: { named: readonly Colour[]; isMeadow: boolean },
  random: Random,
): Palette {
  const degrees = named.length > 0 ? 0 : random.between(-14, 14);
  const [first, second = first] = named;
  if (isMeadow && first && second) return { ...base, accents: [first, second, mix(first, '#ffffff', 0.35)] };
  const tint = (colour: Colour, towards: Colour | undefined, share: number): Colour =>
    towards === undefined ? turned(colour, degrees) : mix(colour, towards, share);
  const [top, middle, horizon] = base.sky;
  return {
    sky: [tint(top, first, 0.4), tint(middle, first, 0.5), tint(horizon, second, 0.35)],
    glow: tint(base.glow, second, 0.15),
    far: tint(base.far, first, 0.45),
    near: tint(base.near, first, 0.35),
    ink: tint(base.ink, first, 0.08),
    accents: [first ?? base.accents[0], second ?? base.accents[1], base.accents[2]],
  };
}

function wordsOf(text: string): ReadonlySet<string> {
  const plain = text.slice(0, 8_000).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const found = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MOST_WORDS);
  return new Set(found.flatMap((word) => [word, word.replace(/s$/, ''), word.replace(/es$/, '')]));
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[];
}
