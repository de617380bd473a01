import { mix } from '../colour.js';
import { n, polygon, smooth, verticalGradient, type Frame, type Point } from '../frame.js';

/** Peaks and saddles from edge to edge, each flank broken by midpoint displacement: rough like rock. */
function ridge({ width, random }: Frame, level: number, rise: number, peaks: number): Point[] {
  const gap = (width * 1.3) / peaks;
  let line: Point[] = [[-0.2 * width, level]];
  for (let peak = 0; peak < peaks; peak += 1) {
    const x = gap * (peak + random.between(0.32, 0.68)) - 0.15 * width;
    line.push(
      [x, level - rise * random.between(0.45, 1)],
      [x + gap * random.between(0.38, 0.5), level - rise * random.between(-0.05, 0.2)],
    );
  }
  line.push([width * 1.25, level]);
  line = line.toSorted(([a], [b]) => a - b);
  for (let step = 0, jump = rise * 0.13; step < 4; step += 1, jump *= 0.55) {
    line = line.flatMap(([x, y], at): Point[] => {
      const next = line[at + 1];
      if (!next) return [[x, y]];
      return [
        [x, y],
        [(x + next[0]) / 2 + random.between(-0.4, 0.4) * jump, (y + next[1]) / 2 + random.between(-1, 1) * jump],
      ];
    });
  }
  return line;
}

/** Ranges, one before the other, hazier the farther; lit from one side, and the high ones under snow. */
export function mountains(frame: Frame, isSnowy: boolean): string {
  const { width, height, horizon, palette } = frame;
  const ranges = 4;
  return Array.from({ length: ranges }, (_range, at) => {
    const depth = at / (ranges - 1);
    const colour = mix(mix(palette.far, palette.sky[2], 0.35 * (1 - depth)), palette.near, depth * 0.9);
    const rise = (0.52 - depth * 0.36) * horizon;
    const level = horizon - 30 + depth * 130;
    const line = ridge(frame, level, rise, 2 + at);
    const id = `range${at}`;
    const fill = verticalGradient(id, [
      { at: 0, colour },
      { at: 0.6, colour: mix(colour, palette.sky[2], 0.34 * (1 - depth)) },
    ]);
    const body = polygon([...line, [width * 1.25, height + 20], [-0.2 * width, height + 20]], `url(#${id})`);
    const shade = depth < 0.9 ? flanks(line, level, mix(colour, palette.ink, 0.42), frame) : '';
    const white = mix('#ffffff', colour, 0.1 + depth * 0.12);
    const snow = at < 2 || isSnowy ? snowCaps(line, level - rise * (isSnowy ? 0.3 : 0.52), white, frame) : '';
    return `<defs>${fill}</defs>${body}${shade}${snow}`;
  }).join('');
}

/** The highest points of a ridge: higher than all within a stretch to both sides. */
function summits(line: readonly Point[]): number[] {
  const around = 9;
  return [...line.keys()].filter((at) =>
    line.slice(Math.max(0, at - around), at + around + 1).every(([, y]) => y >= (line[at]?.[1] ?? 0)),
  );
}

/** The side of each peak that lies in the shade, from the summit down a crooked spur. */
function flanks(line: readonly Point[], level: number, colour: string, { random }: Frame): string {
  return summits(line)
    .map((at) => {
      const [x, y] = line[at] ?? [0, 0];
      const side = line.slice(at).filter(([, height], step) => step < 26 && height < level);
      const [endX] = side.at(-1) ?? [x];
      const spur: Point[] = [0.85, 0.6, 0.35, 0.15].map((share) => [
        x + (endX - x) * (share * 0.34 + random.between(-0.07, 0.07)),
        y + (level - y) * share,
      ]);
      return side.length > 3 ? polygon([...side, [endX, level], ...spur], colour, 'opacity="0.55"') : '';
    })
    .join('');
}

/** What of a ridge is above the snow line; its lower edge runs in a few tongues. */
function snowCaps(line: readonly Point[], snowLine: number, colour: string, { random }: Frame): string {
  const caps: Point[][] = [[]];
  for (const point of line) {
    if (point[1] < snowLine) caps.at(-1)?.push(point);
    else if (caps.at(-1)?.length !== 0) caps.push([]);
  }
  return caps
    .filter((points) => points.length > 4)
    .map((points) => {
      const [left = [0, 0], right = [0, 0]] = [points[0], points.at(-1)];
      const tongues = Math.max(3, Math.round((right[0] - left[0]) / 30));
      const lower = Array.from({ length: tongues }, (_tongue, at): Point => {
        const share = 1 - (at + 0.5) / tongues;
        const middle = 1 - Math.abs(share - 0.5) * 2;
        const drop = (at % 2 === 0 ? random.between(0.2, 0.45) : random.between(-0.35, -0.1)) * 70 * (0.25 + middle);
        return [left[0] + (right[0] - left[0]) * share, snowLine + drop];
      });
      return polygon([...points, ...lower], colour, 'opacity="0.93"');
    })
    .join('');
}

/** Soft rolling ground; `levels` from far to near. */
export function hills(frame: Frame, from: number, levels = 3): string {
  const { width, height, palette, random } = frame;
  return Array.from({ length: levels }, (_hill, at) => {
    const depth = levels === 1 ? 1 : at / (levels - 1);
    const y = from + (height - from) * depth * 0.5;
    const points: Point[] = [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2].map((share) => [
      (share - 0.1) * width,
      y + random.between(-38, 38) * (1 - depth * 0.4),
    ]);
    const colour = mix(palette.far, palette.near, 0.4 + depth * 0.6);
    const id = `hill${at}`;
    const fill = verticalGradient(id, [
      { at: 0, colour: mix(colour, palette.glow, 0.14) },
      { at: 1, colour: mix(colour, palette.ink, 0.45) },
    ]);
    return `<defs>${fill}</defs><path d="${smooth(points)}L${n(width * 1.1)} ${n(height + 20)}L${n(-0.1 * width)} ${n(height + 20)}Z" fill="url(#${id})"/>`;
  }).join('');
}

/** Dunes with a lit and a shaded flank. */
export function dunes(frame: Frame): string {
  const { width, height, horizon, palette, random } = frame;
  return [0, 1, 2, 3]
    .map((at) => {
      const y = horizon - 10 + at * (height - horizon) * 0.24;
      const top: Point = [width * random.between(0.2, 0.8), y - random.between(40, 110) + at * 14];
      const lit = mix(mix(palette.far, palette.glow, 0.25), palette.near, at / 4);
      const edge = `M${n(-30)} ${n(y + 40)}C${n(top[0] * 0.5)} ${n(y + 20)} ${n(top[0] * 0.8)} ${n(top[1])} ${n(top[0])} ${n(top[1])}`;
      const far = `C${n(top[0] + width * 0.15)} ${n(top[1] + 20)} ${n(width * 0.9)} ${n(y + 10)} ${n(width + 30)} ${n(y + 30)}`;
      const body = `<path d="${edge}${far}V${n(height + 20)}H-30Z" fill="${lit}"/>`;
      const shade = `<path d="M${n(top[0])} ${n(top[1])}C${n(top[0] + 30)} ${n(y + 50)} ${n(top[0] - 140)} ${n(y + 90)} ${n(top[0] - 40)} ${n(height + 20)}H${n(width + 30)}V${n(y + 30)}C${n(width * 0.9)} ${n(y + 10)} ${n(top[0] + width * 0.15)} ${n(top[1] + 20)} ${n(top[0])} ${n(top[1])}Z" fill="${mix(lit, palette.ink, 0.38)}" opacity="0.75"/>`;
      return body + shade;
    })
    .join('');
}

/** A saguaro or a few. */
export function cacti({ width, height, palette, random }: Frame): string {
  const line = (wide: number): string =>
    `fill="none" stroke="${palette.ink}" stroke-linecap="round" stroke-linejoin="round" stroke-width="${n(wide)}"`;
  return Array.from({ length: random.whole(2, 4) }, () => {
    const x = random.between(0.08, 0.92) * width;
    const y = height * random.between(0.82, 0.95);
    const tall = random.between(90, 190);
    const thick = tall * 0.16;
    const arm = (side: number, from: number, up: number): string =>
      `<path d="M${n(x)} ${n(y - tall * from)}h${n(side * tall * 0.24)}v${n(-tall * up)}" ${line(thick * 0.75)}/>`;
    return `<path d="M${n(x)} ${n(y)}v${n(-tall)}" ${line(thick)}/>${arm(1, 0.35, 0.3)}${arm(-1, 0.5, 0.26)}`;
  }).join('');
}
