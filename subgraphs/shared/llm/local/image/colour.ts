/** `#rrggbb`. */
export type Colour = `#${string}`;

type Channels = readonly [number, number, number];

/** The way from one colour to another; `share` 0 is the first, 1 the second. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const a = channels(from);
  const b = channels(to);
  return hex([0, 1, 2].map((at) => (a[at] ?? 0) + ((b[at] ?? 0) - (a[at] ?? 0)) * share) as [number, number, number]);
}

/** The colour with its hue turned by so many degrees, its greys left as they are. */
export function turned(colour: Colour, degrees: number): Colour {
  const [red, green, blue] = channels(colour);
  const max = Math.max(red, green, blue);
  const range = max - Math.min(red, green, blue);
  if (range === 0) return colour;
  const sector =
    max === red ? (green - blue) / range : max === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  const hue = sector * 60 + degrees;
  const channel = (offset: number): number => {
    const k = (((offset + hue / 60) % 6) + 6) % 6;
    return max - range * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return hex([channel(5), channel(3), channel(1)]);
}

function channels(colour: Colour): Channels {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function hex(parts: Channels): Colour {
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}
