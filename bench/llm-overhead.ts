// cspell:words autocannon Portkey
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import autocannon from 'autocannon';
import type { S3Settings } from '#shared/history/store/s3-object-store.js';
import { anyFreePort } from '../infra/local/ports.js';
import { once, platformTarget, portkeyTarget, storeWrites, upstreamTarget, type LlmTarget } from './llm/targets.js';
import { machine } from './support/machine.js';
import { Children } from './support/supergraph-under-load.js';

const WARM_UP = 30;
const ROUNDS = 150;
const CONNECTIONS = 50;
const LOAD_SEC = 6;

/**
 * What a chat request costs beyond the provider's own time: this platform, which keeps and counts it, and Portkey's gateway,
 * which passes it on, one request after the other in turns, and then 50 at a time.
 */
async function main(children: Children): Promise<void> {
  const upstream = await children.start(new URL('./llm/upstream-double.js', import.meta.url)).firstMessage<string>();
  const platform = await children
    .start(new URL('./llm/platform.js', import.meta.url), platformEnv(upstream))
    .firstMessage<{ url: string; s3: Omit<S3Settings, 'bucket'> }>();
  const direct = upstreamTarget(upstream);
  const ours = await platformTarget(platform.url);
  const portkey = await startPortkey(upstream);
  try {
    const taken = await inTurns({ direct: () => direct, ours: ours.fresh, portkey: () => portkey.target });
    const writes = await storeWrites(platform.s3, ROUNDS);
    reportLatencies(taken, writes);
    console.table({
      'this platform': await underLoad(ours, ours.fresh),
      'Portkey gateway': await underLoad(portkey.target, () => portkey.target),
    });
    console.log(machine());
  } finally {
    portkey.stop();
  }
}

function platformEnv(upstream: string): Record<string, string> {
  return {
    // The embedded engines have no passwords of the kind that production asks for.
    NODE_ENV: 'development',
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: upstream,
    LLM_MODEL: 'double-1',
    RATE_LIMIT_PER_MIN: '1000000',
    BCRYPT_ROUNDS: '4',
    LOG_LEVEL: 'info',
  };
}

/** The npm package's own server, in a process of its own. */
async function startPortkey(upstream: string): Promise<{ target: LlmTarget; stop(): void }> {
  const program = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js');
  const port = await anyFreePort();
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], { stdio: 'ignore' });
  const target = portkeyTarget(port, upstream);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await once(target);
      return { target, stop: () => void child.kill('SIGKILL') };
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

type Side = 'direct' | 'ours' | 'portkey';
type Taken = Record<Side, number[]>;

async function inTurns(targets: Record<Side, () => LlmTarget>): Promise<Taken> {
  const taken: Taken = { direct: [], ours: [], portkey: [] };
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const side of ['direct', 'ours', 'portkey'] as const) {
      const { ms } = await once(targets[side]());
      if (round >= 0) taken[side].push(ms);
    }
  }
  return taken;
}

function reportLatencies(taken: Taken, writes: number[]): void {
  const row = (side: Side) => ({
    'p50 ms': rounded(quantile(taken[side], 0.5)),
    'p99 ms': rounded(quantile(taken[side], 0.99)),
    'added p50 ms': rounded(quantile(taken[side], 0.5) - quantile(taken.direct, 0.5)),
    'added p99 ms': rounded(quantile(taken[side], 0.99) - quantile(taken.direct, 0.99)),
  });
  console.table({ 'provider itself': row('direct'), 'this platform': row('ours'), 'Portkey gateway': row('portkey') });
  const write = quantile(writes, 0.5);
  console.log(
    `one durable write to the embedded store: p50 ${rounded(write)} ms; the commit protocol waits for two in sequence`,
  );
}

async function underLoad({ url, headers }: LlmTarget, next: () => LlmTarget) {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { ...headers },
    connections: CONNECTIONS,
    duration: LOAD_SEC,
    requests: [{ method: 'POST', setupRequest: (request) => ({ ...request, body: next().body }) }],
  });
  const failed = result.non2xx + result.errors;
  return {
    'requests/s': Math.round(result.requests.total / result.duration),
    'p50 ms': result.latency.p50,
    'p99 ms': result.latency.p99,
    failed,
  };
}

function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

const children = new Children();
try {
  await main(children);
} finally {
  await children.stop();
}
