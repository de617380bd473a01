import type { RoundResult } from './round.js';
import type { Reading } from './stream-reader.js';

export function lostIn({ streams, probes }: RoundResult): number {
  return [...streams, ...probes].reduce((sum, { lost }) => sum + lost, 0);
}

/** Why streams did not end well, each reason once, with how often. */
export function failuresIn({ streams, probes }: RoundResult): string[] {
  const counts = new Map<string, number>();
  for (const { failure } of [...streams, ...probes]) {
    if (failure !== undefined) counts.set(failure, (counts.get(failure) ?? 0) + 1);
  }
  return [...counts].map(([failure, count]) => `${count} × ${failure}`);
}

/** What the platform adds to what the provider takes, in ms: p50 and p99. */
export function figuresOf(result: RoundResult): Record<string, string | number> {
  const { plan, streams, probes, before, after } = result;
  const arrivals = streams.flatMap(({ arrivals: all }) => all);
  const perStream = (name: 'supergraph' | 'chat'): number =>
    Math.round((after[name].residentBytes - before[name].residentBytes) / plan.streams / 1024);
  // The rest of what it does in the meantime is part of it: a share of a core says what is left for more.
  const busy = (name: 'supergraph' | 'chat'): string =>
    `${Math.round((100 * (after[name].cpuMs - before[name].cpuMs)) / (plan.rampMs + plan.holdMs))} %`;
  return {
    'tokens/s': Math.round((plan.streams * 1000) / plan.everyMs),
    tokens: arrivals.length,
    lost: lostIn(result),
    'first token': spread(probes.flatMap(firstTokenMs)),
    'way in': spread(probes.flatMap(({ sentMs, arrivals: [first] }) => (first ? first.askedMs - sentMs : []))),
    'way of a token': spread(arrivals.map(({ cameMs, sentMs }) => cameMs - sentMs)),
    'between tokens': spread(streams.flatMap(gapsMs)),
    'supergraph kB/stream': perStream('supergraph'),
    'chat kB/stream': perStream('chat'),
    'supergraph CPU': busy('supergraph'),
    'chat CPU': busy('chat'),
  };
}

/** From asking to the first token, without the time that the provider had in between. */
function firstTokenMs({ sentMs, arrivals: [first] }: Reading): number[] {
  return first ? [first.askedMs - sentMs + (first.cameMs - first.sentMs)] : [];
}

/** How much longer or shorter each pause between two tokens was for the reader than for the provider. */
function gapsMs({ arrivals }: Reading): number[] {
  return arrivals.slice(1).flatMap(({ cameMs, sentMs }, before) => {
    const previous = arrivals[before];
    return previous ? Math.abs(cameMs - previous.cameMs - (sentMs - previous.sentMs)) : [];
  });
}

/** `p50 / p99` */
export function spread(values: readonly number[]): string {
  const ordered = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (ordered[Math.ceil(share * ordered.length) - 1] ?? NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.99)}`;
}
