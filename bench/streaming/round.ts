import { setTimeout as sleep } from 'node:timers/promises';
import { StreamReader, type Reading } from './stream-reader.js';
import { residentBytes, type StreamingPlatform } from './streaming-platform.js';

/** So many streams at a time, begun one after another, then all of them for a while. */
export interface RoundPlan {
  readonly streams: number;
  readonly everyMs: number;
  readonly rampMs: number;
  readonly holdMs: number;
}

export interface RoundResult {
  readonly plan: RoundPlan;
  readonly streams: readonly Reading[];
  /** Short streams that were begun one by one while all the others ran. */
  readonly probes: readonly Reading[];
  /** What each process took more than before, at most, in bytes. */
  readonly grown: { readonly supergraph: number; readonly chat: number };
}

const PROBE_EVERY_MS = 100;
const PROBE_TOKENS = 3;
const PROBE_PACE_MS = 20;
let named = 0;

/** Runs one round. Throws an Error when a stream cannot be begun. */
export async function runRound(platform: StreamingPlatform, plan: RoundPlan): Promise<RoundResult> {
  const { streams: count, everyMs, rampMs, holdMs } = plan;
  const before = await memoryOf(platform);
  const startedAt = performance.now();
  const streams: Promise<Reading>[] = [];
  for (let started = 0; started < count; started += 1) {
    const dueMs = (rampMs * started) / count;
    await sleep(Math.max(0, startedAt + dueMs - performance.now()));
    const tokens = Math.ceil((rampMs + holdMs - dueMs) / everyMs);
    streams.push(readStream(platform, tokens, everyMs));
  }
  const [probes, peak] = await Promise.all([probe(platform, holdMs), peakMemory(platform, holdMs)]);
  return {
    plan,
    streams: await Promise.all(streams),
    probes,
    grown: { supergraph: peak.supergraph - before.supergraph, chat: peak.chat - before.chat },
  };
}

/** Asks for one stream on a socket of its own and reads it to its end. */
export async function readStream(
  { supergraphUrl, token }: StreamingPlatform,
  tokens: number,
  everyMs: number,
): Promise<Reading> {
  const reader = openReader(supergraphUrl, token, { tokens, everyMs });
  await reader.ready;
  return reader.read();
}

export function openReader(
  url: string,
  token: string,
  order: { readonly tokens: number; readonly everyMs: number },
): StreamReader & { readonly name: string } {
  named += 1;
  const name = `stream-${named}`;
  return Object.assign(new StreamReader(url, token, { name, ...order }), { name });
}

async function probe(platform: StreamingPlatform, forMs: number): Promise<Reading[]> {
  const probes: Promise<Reading>[] = [];
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    probes.push(readStream(platform, PROBE_TOKENS, PROBE_PACE_MS));
    await sleep(PROBE_EVERY_MS);
  }
  return Promise.all(probes);
}

interface Memory {
  readonly supergraph: number;
  readonly chat: number;
}

async function memoryOf({ supergraphUrl, chatUrl }: StreamingPlatform): Promise<Memory> {
  return { supergraph: await residentBytes(supergraphUrl), chat: await residentBytes(chatUrl) };
}

async function peakMemory(platform: StreamingPlatform, forMs: number): Promise<Memory> {
  let peak = await memoryOf(platform);
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    await sleep(1_000);
    const now = await memoryOf(platform);
    peak = { supergraph: Math.max(peak.supergraph, now.supergraph), chat: Math.max(peak.chat, now.chat) };
  }
  return peak;
}
