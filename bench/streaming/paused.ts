import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerOf, median, type GraphqlTarget } from '../support/measure.js';
import { spread } from './figures.js';
import { openReader } from './round.js';
import type { Reading } from './stream-reader.js';
import { useOf, type StreamingPlatform } from './streaming-platform.js';

/** Alone, and beside so many readings of the same answer that read nothing of it. */
const PAUSED_READINGS = [0, 450] as const;
const READINGS_OF_A_LINE = 50;
const ROUNDS = 2;
/** As much of an answer as may be, in 30 s. */
const LONG = { tokens: 650, everyMs: 46, tokenBytes: 3_000 };
const LOOK_EVERY_MS = 250;
const PROBE_EVERY_MS = 20;
const MEBIBYTE = 1024 ** 2;
const JOIN = 'subscription ($id: ID!) { chatMessage(id: $id, after: 0) { seq delta message { status } } }';

/** What others have of readers that do not read. */
export interface PausedRound {
  readonly paused: number;
  readonly reading: Reading;
  /** How long each of the queries took that another connection asked one after the other. */
  readonly probesMs: readonly number[];
  /** By how much each process grew, at most. */
  readonly grownBytes: { readonly supergraph: number; readonly chat: number };
}

/** Rounds with and without readers that are paused for the whole of an answer, in turns. */
export async function measurePaused(platform: StreamingPlatform): Promise<PausedRound[]> {
  const rounds: PausedRound[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const paused of PAUSED_READINGS) rounds.push(await runRound(platform, paused));
  }
  return rounds;
}

/** One row for those alone and one for those beside paused readers, and how many times as long a probe takes beside them. */
export function reportPaused(rounds: readonly PausedRound[]): void {
  const of = (paused: number): PausedRound[] => rounds.filter((round) => round.paused === paused);
  const row = (some: readonly PausedRound[]) => ({
    'probe, ms': spread(some.flatMap(({ probesMs }) => probesMs)),
    'way of a token, ms': spread(
      some.flatMap(({ reading }) => reading.arrivals.map(({ cameMs, sentMs }) => cameMs - sentMs)),
    ),
    lost: some.reduce((sum, { reading }) => sum + reading.lost, 0),
    'supergraph grew, MiB': Math.round(Math.max(...some.map(({ grownBytes }) => grownBytes.supergraph)) / MEBIBYTE),
    'chat grew, MiB': Math.round(Math.max(...some.map(({ grownBytes }) => grownBytes.chat)) / MEBIBYTE),
  });
  console.log('A reader of one long answer and queries of others, by how many readings of it are paused (p50 / p99):');
  console.table(Object.fromEntries(PAUSED_READINGS.map((paused) => [paused, row(of(paused))])));
  const [alone, beside] = PAUSED_READINGS.map((paused) => median(of(paused).flatMap(({ probesMs }) => probesMs)));
  console.log(
    `ratio of a probe's p50, beside paused readers over alone: ${((beside ?? NaN) / (alone ?? NaN)).toFixed(2)}`,
  );
}

async function runRound(platform: StreamingPlatform, paused: number): Promise<PausedRound> {
  const reader = openReader(platform, LONG);
  await reader.ready;
  const over = new AbortController();
  const reading = reader.read().finally(() => over.abort());
  const id = await reader.id;
  const lines: WebSocket[] = [];
  while (lines.length * READINGS_OF_A_LINE < paused) lines.push(await pausedLine(platform, id));
  const [probesMs, grownBytes] = await Promise.all([probe(platform, over.signal), grownAtMost(platform, over.signal)]);
  for (const line of lines) line.terminate();
  return { paused, reading: await reading, probesMs, grownBytes };
}

/** A socket with many readings of an answer that is paused when each has had its first event. */
async function pausedLine({ supergraphUrl, token }: StreamingPlatform, id: string): Promise<WebSocket> {
  const socket = new WebSocket(`${supergraphUrl.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const begun = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    socket.on('message', (data: Buffer) => {
      const { type, id: operation } = JSON.parse(data.toString()) as { type: string; id?: string };
      if (type === 'error') reject(new Error('A paused reading was refused.'));
      if (type === 'connection_ack') {
        for (let at = 0; at < READINGS_OF_A_LINE; at += 1) {
          send({ type: 'subscribe', id: String(at), payload: { query: JOIN, variables: { id } } });
        }
      }
      if (type === 'next' && operation !== undefined && begun.add(operation).size === READINGS_OF_A_LINE) resolve();
    });
  });
  socket.pause();
  // The supergraph may end who reads nothing for long.
  socket.on('error', () => undefined);
  return socket;
}

async function probe({ supergraphUrl, token }: StreamingPlatform, signal: AbortSignal): Promise<number[]> {
  const target: GraphqlTarget = { url: supergraphUrl, token, query: '{ me { email } }', subgraphCounter: '' };
  const times: number[] = [];
  while (!signal.aborted) {
    const asked = performance.now();
    await answerOf(target);
    times.push(performance.now() - asked);
    await sleep(PROBE_EVERY_MS);
  }
  return times;
}

async function grownAtMost(
  { supergraphUrl, chatUrl }: StreamingPlatform,
  signal: AbortSignal,
): Promise<PausedRound['grownBytes']> {
  const [supergraph, chat] = [await useOf(supergraphUrl), await useOf(chatUrl)];
  const most = { supergraph: 0, chat: 0 };
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const now = { supergraph: await useOf(supergraphUrl), chat: await useOf(chatUrl) };
    most.supergraph = Math.max(most.supergraph, now.supergraph.residentBytes - supergraph.residentBytes);
    most.chat = Math.max(most.chat, now.chat.residentBytes - chat.residentBytes);
  }
  return most;
}
