import { availableParallelism } from 'node:os';
import type { RoundResult } from './round.js';
import type { Reading } from './stream-reader.js';

export function lostIn({ streams, probes }: RoundResult): number {
  return [...streams, ...probes].reduce((sum, { lost }) => sum + lost, 0);
}

/** What the platform adds to what the provider takes, in ms: p50 and p99. */
export function figuresOf(result: RoundResult): Record<string, string | number> {
  const { plan, streams, probes, grown } = result;
  const arrivals = streams.flatMap(({ arrivals: all }) => all);
  const perStream = (bytes: number): number => Math.round(bytes / plan.streams / 1024);
  return {
    'tokens/s': Math.round((plan.streams * 1000) / plan.everyMs),
    tokens: arrivals.length,
    lost: lostIn(result),
    'first token': spread(probes.flatMap(firstTokenMs)),
    'way in': spread(probes.flatMap(({ sentMs, arrivals: [first] }) => (first ? first.askedMs - sentMs : []))),
    'way of a token': spread(arrivals.map(({ cameMs, sentMs }) => cameMs - sentMs)),
    'between tokens': spread(streams.flatMap(gapsMs)),
    'supergraph kB/stream': perStream(grown.supergraph),
    'chat kB/stream': perStream(grown.chat),
  };
}

/** From asking to the first token, without the time that the provider had in between. */
function firstTokenMs({ sentMs, arrivals: [first] }: Reading): number[] {
  return first ? [first.askedMs - sentMs + (first.cameMs - first.sentMs)] : [];
}

/** How much longer or shorter each pause between two tokens was for the reader than for the provider. */
function gapsMs({ arrivals }: Reading): number[] {
  return arrivals.slice(1).map(({ cameMs, sentMs }, before) => {
    const previous = arrivals[before]!;
    return Math.abs(cameMs - previous.cameMs - (sentMs - previous.sentMs));
  });
}

/** `p50 / p99` */
export function spread(values: readonly number[]): string {
  const ordered = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (ordered[Math.ceil(share * ordered.length) - 1] ?? NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.99)}`;
}

export function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.version}, ${date}`;
}
