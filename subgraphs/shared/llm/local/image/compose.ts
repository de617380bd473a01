import { n, type Frame } from './frame.js';
import { abstract } from './layers/abstract.js';
import { animal } from './layers/animals.js';
import { city, grid } from './layers/city.js';
import { finished } from './layers/finish.js';
import { cacti, dunes, hills, mountains } from './layers/land.js';
import { portrait } from './layers/portrait.js';
import { sky } from './layers/sky.js';
import { space } from './layers/space.js';
import { flowers, forest } from './layers/trees.js';
import { lighthouse, sailingBoat, sea, underwater } from './layers/water.js';
import { fog, rainfall, snowfall } from './layers/weather.js';
import { sceneOf, type Scene, type SceneOrder } from './scene.js';

/** The shorter side of a drawing, in its own units. */
const SHORT_SIDE = 1_000;
/** Where a picture is longer than this many short sides it is drawn smaller, so that no strip takes 32 cities to fill. */
const LONGEST_SIDE = 4_000;

/**
 * The picture of a prompt as SVG of at most `maxPixels`, in the shape of the order: made of numbers and of our own tables only,
 * nothing of the prompt's text is in it.
 */
export function composeSvg(order: SceneOrder, maxPixels: number): string {
  const scene = sceneOf(order);
  const [short, long] = [Math.min(order.width, order.height), Math.max(order.width, order.height)];
  const unit = Math.min(SHORT_SIDE / short, LONGEST_SIDE / long);
  const [width, height] = [order.width * unit, order.height * unit];
  const { random, palette, isDark } = scene;
  const horizon = height * random.between(0.54, 0.66);
  const frame: Frame = { width, height, horizon, palette, random, isDark };
  const shrink = Math.min(1, Math.sqrt(maxPixels / (order.width * order.height)));
  const pixels = `width="${Math.round(order.width * shrink)}" height="${Math.round(order.height * shrink)}"`;
  const drawing = finished(
    setting(frame, scene) + inhabitants(frame, scene) + weather(frame, scene),
    frame,
    scene.finish,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" ${pixels} viewBox="0 0 ${n(width)} ${n(height)}" preserveAspectRatio="none">${drawing}</svg>`;
}

/** From the farthest layer to the nearest. */
function setting(
  frame: Frame,
  { settings, animals, light, mood, finish, isSnowy, hasLighthouse, random }: Scene,
): string {
  const { horizon, height } = frame;
  const has = settings.has.bind(settings);
  if (animals[0] === 'fish') return underwater(frame);
  if (has('portrait')) return portrait(frame);
  const isLand = has('mountains') || has('sea') || has('city') || has('forest') || has('desert') || has('meadow');
  if (has('space') && !isLand) return space(frame);
  if (has('abstract') && !isLand) return abstract(frame);
  const isRetro = finish === 'retro';
  const parts = [sky(frame, light, isRetro)];
  if (has('mountains') || (isRetro && !has('city'))) parts.push(mountains(frame, isSnowy));
  if (has('mountains') && !has('sea') && !has('city') && !has('forest') && !isRetro)
    parts.push(hills(frame, horizon + 90, 2));
  if (has('desert')) parts.push(dunes(frame), cacti(frame));
  if (has('city')) parts.push(city(frame, mood === 'neon' || isRetro));
  if (has('sea'))
    parts.push(sea(frame), hasLighthouse ? lighthouse(frame) : '', random.chance(0.6) ? sailingBoat(frame) : '');
  else if (isRetro) parts.push(grid(frame));
  if (has('forest')) parts.push(forest(frame));
  if (has('meadow')) parts.push(hills(frame, horizon + 10), flowers(frame, horizon + (height - horizon) * 0.3));
  return parts.join('');
}

function inhabitants(frame: Frame, { animals, mood, coat, random }: Scene): string {
  const { width, height, horizon } = frame;
  const isNeon = mood === 'neon' || mood === 'retro';
  const size = Math.min(1, width / SHORT_SIDE, height / SHORT_SIDE);
  return animals
    .slice(0, 3)
    .map((kind, at, { length }) => {
      const share = length === 1 ? random.between(0.44, 0.56) : (at + 0.5) / length;
      const facesLeft = random.chance(0.5);
      const common = { kind, x: width * share, facesLeft, isNeon, coat };
      if (kind === 'bird') {
        const flock = Array.from({ length: random.whole(3, 6) }, () =>
          animal(frame, {
            ...common,
            x: random.between(0.15, 0.85) * width,
            y: horizon * random.between(0.2, 0.75),
            tall: random.between(22, 60) * size,
          }),
        );
        return flock.join('') + animal(frame, { ...common, y: horizon * 0.72, tall: 210 * size });
      }
      if (kind === 'fish') {
        const school = Array.from({ length: random.whole(3, 7) }, () =>
          animal(frame, {
            ...common,
            x: random.between(0.05, 0.95) * width,
            y: random.between(0.2, 0.85) * height,
            tall: random.between(30, 80) * size,
          }),
        );
        return school.join('') + animal(frame, { ...common, y: height * 0.6, tall: 260 * size });
      }
      const tall = kind === 'alpaca' ? 620 : kind === 'cat' ? 430 : 340;
      return animal(frame, { ...common, y: height * 0.945, tall: tall * size * (length > 1 ? 0.72 : 1) });
    })
    .join('');
}

function weather(frame: Frame, { isRainy, isSnowy, isFoggy }: Scene): string {
  return (isFoggy ? fog(frame) : '') + (isRainy ? rainfall(frame) : '') + (isSnowy ? snowfall(frame) : '');
}
