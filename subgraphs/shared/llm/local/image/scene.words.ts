import type { Colour } from './colour.js';
import type { PaletteName } from './palettes.js';

export type Setting = 'mountains' | 'sea' | 'city' | 'forest' | 'desert' | 'space' | 'meadow' | 'portrait' | 'abstract';
export type Animal = 'alpaca' | 'cat' | 'dog' | 'bird' | 'fish';

/** Words of a prompt by what they ask for, in Spanish and English, folded: lower case, no accents. A plural `s` or `es` is taken off first. */
export const SETTINGS: Readonly<Record<Setting, string>> = {
  mountains:
    'mountain montana hill colina peak cima pico cumbre andes alp alps everest volcano volcan valley valle glacier glaciar cordillera sierra',
  sea: 'sea mar ocean oceano beach playa wave ola coast costa lake lago river rio island isla boat barco velero water agua underwater submarino puerto harbor sail lighthouse faro',
  city: 'city ciudad urban urbano urbana town pueblo street calle skyline building edificio skyscraper rascacielo tokyo neon metropoli metropolis downtown cyberpunk ciberpunk',
  forest: 'forest bosque tree arbol wood jungle jungla selva pine pino arboleda woodland rainforest',
  desert: 'desert desierto dune duna sahara sand arena cactus oasis egypt egipto pyramid piramide',
  space:
    'space espacio galaxy galaxia cosmo cosmos universe universo planet planeta nebula nebulosa orbit orbita astronaut astronauta rocket cohete saturn saturno mars marte estelar interstellar espacial spaceship spacecraft nave ufo ovni alien alienigena',
  meadow:
    'meadow prado field campo flower flor garden jardin rose rosa tulip tulipan sunflower girasol spring primavera pradera grass hierba daisy margarita lavender lavanda poppy amapola',
  portrait:
    'portrait retrato face cara rostro woman mujer man hombre girl nina boy nino person persona queen reina king rey princess princesa warrior guerrero guerrera robot android androide samurai',
  abstract:
    'abstract abstracto abstracta pattern patron geometric geometrico geometrica shape forma music musica emotion emocion fractal mandala mind mente idea energy energia',
};

export const ANIMALS: Readonly<Record<Animal, string>> = {
  alpaca: 'alpaca llama vicuna guanaco lama',
  cat: 'cat gato gata kitten gatito gatita feline felino tiger tigre panther pantera lion leon leona kitty',
  dog: 'dog perro perra puppy perrito cachorro wolf lobo fox zorro husky labrador',
  bird: 'bird pajaro ave eagle aguila seagull gaviota swallow golondrina crow cuervo parrot loro condor dove paloma',
  fish: 'fish pez pece shark tiburon koi dolphin delfin whale ballena',
};

export const MOODS: Readonly<Record<PaletteName, string>> = {
  neon: 'cyberpunk ciberpunk neon futuristic futurista futuro future hacker blade matrix',
  retro: 'synthwave retro vaporwave outrun 80 80s ochentas arcade',
  night:
    'night noche moon luna midnight medianoche nocturno nocturna dark oscuro oscura star estrella stars firefly luciernaga dream sueno',
  sunset: 'sunset atardecer dusk ocaso sunrise amanecer dawn alba crepusculo twilight puesta golden dorado',
  winter: 'winter invierno snow nieve nevado nevada ice hielo frozen congelado cold frio christmas navidad',
  autumn: 'autumn fall otono leaf hoja october octubre halloween',
  pastel: 'watercolor watercolour acuarela pastel soft suave delicate delicado kawaii cute ghibli',
  space: 'galaxy galaxia nebula nebulosa space espacio cosmos cosmo universe universo',
  desert: 'desert desierto sahara',
  forest: 'forest bosque jungle jungla selva mist niebla',
  day: 'spring primavera day dia sunny soleado sun sol summer verano noon mediodia morning manana',
};

export const FINISHES = {
  watercolor: 'watercolor watercolour acuarela ink tinta gouache aguada',
  minimal: 'minimal minimalist minimalista minimalism simple flat plano plana clean',
  retro: 'synthwave vaporwave outrun retro 80s ochentas',
} as const;

export const SUN = 'sun sol sunny soleado sunrise amanecer sunset atardecer';
export const MOON = 'moon luna lunar';
export const LIGHTHOUSE = 'lighthouse faro';
export const FOG = 'fog foggy mist misty haze hazy niebla neblina bruma brumoso';
export const RAIN = 'rain lluvia rainy lluvioso storm tormenta';

export const COLOURS: Readonly<Record<string, Colour>> = {
  red: '#d7263d',
  rojo: '#d7263d',
  roja: '#d7263d',
  crimson: '#b80c3a',
  orange: '#f46a1f',
  naranja: '#f46a1f',
  yellow: '#f7c325',
  amarillo: '#f7c325',
  amarilla: '#f7c325',
  gold: '#d9a520',
  oro: '#d9a520',
  green: '#2e9e5b',
  verde: '#2e9e5b',
  blue: '#2667d9',
  azul: '#2667d9',
  cyan: '#16c7d9',
  turquoise: '#1fb5a8',
  turquesa: '#1fb5a8',
  teal: '#0f8b8d',
  purple: '#7b2cbf',
  morado: '#7b2cbf',
  morada: '#7b2cbf',
  violet: '#8338ec',
  violeta: '#8338ec',
  pink: '#ff5fa2',
  rosado: '#ff5fa2',
  rosada: '#ff5fa2',
  magenta: '#e0249a',
  brown: '#7a4a2b',
  marron: '#7a4a2b',
  cafe: '#7a4a2b',
  black: '#14141c',
  negro: '#14141c',
  negra: '#14141c',
  white: '#f7f7f2',
  blanco: '#f7f7f2',
  blanca: '#f7f7f2',
  grey: '#80868f',
  gray: '#80868f',
  gris: '#80868f',
};
