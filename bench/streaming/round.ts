import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamOrder } from './stamped-token.js';
import { StreamReader, type Reading } from './stream-reader.js';
import { useOf, type StreamingPlatform, type Use } from './streaming-platform.js';

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
  /** Each process before the round, and what it had used when all streams ran. */
  readonly before: Uses;
  readonly after: Uses;
}

interface Uses {
  readonly supergraph: Use;
  readonly chat: Use;
}

const LOOK_EVERY_MS = 1_000;
const PROBE_EVERY_MS = 200;
const PROBE_TOKENS = 3;
const PROBE_PACE_MS = 20;
let named = 0;

/** Runs one round. Throws an Error when a stream cannot be begun. */
export async function runRound(platform: StreamingPlatform, plan: RoundPlan): Promise<RoundResult> {
  const { streams: count, everyMs, rampMs, holdMs } = plan;
  const before = await usesOf(platform);
  const startedAt = performance.now();
  const streams: Promise<Reading>[] = [];
  for (let started = 0; started < count; started += 1) {
    const dueMs = (rampMs * started) / count;
    await sleep(Math.max(0, startedAt + dueMs - performance.now()));
    // All of one length, so that they also end one after another.
    const tokens = Math.ceil((rampMs + holdMs) / everyMs);
    // One after another: the door takes only so many at a time from one address that have not signed in.
    const reader = openReader(platform, { tokens, everyMs });
    await reader.ready;
    streams.push(reader.read());
  }
  const [probes, after] = await Promise.all([probe(platform, holdMs), usesAtPeak(platform, holdMs)]);
  return {
    plan,
    streams: await Promise.all(streams),
    probes,
    before,
    after,
  };
}

/** Reads one stream, on a socket of its own, to its end. */
export async function readStream(platform: StreamingPlatform, tokens: number, everyMs: number): Promise<Reading> {
  const reader = openReader(platform, { tokens, everyMs });
  await reader.ready;
  return reader.read();
}

export function openReader({ supergraphUrl, token }: StreamingPlatform, pace: Omit<StreamOrder, 'name'>): StreamReader {
  named += 1;
  return new StreamReader(supergraphUrl, token, { name: `stream-${named}`, ...pace });
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

async function usesOf({ supergraphUrl, chatUrl }: StreamingPlatform): Promise<Uses> {
  const [supergraph, chat] = await Promise.all([useOf(supergraphUrl), useOf(chatUrl)]);
  return { supergraph, chat };
}

/** The last look, with the largest memory of all looks. */
async function usesAtPeak(platform: StreamingPlatform, forMs: number): Promise<Uses> {
  let peak = await usesOf(platform);
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    await sleep(LOOK_EVERY_MS);
    const now = await usesOf(platform);
    peak = { supergraph: later(peak.supergraph, now.supergraph), chat: later(peak.chat, now.chat) };
  }
  return peak;
}

function later(before: Use, now: Use): Use {
  return { ...now, residentBytes: Math.max(before.residentBytes, now.residentBytes) };
}
