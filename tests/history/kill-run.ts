import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { anyFreePort } from '../../infra/local/ports.js';
import type { ServiceProgram } from '../../infra/local/service-process.js';
import type { HistoryRecord, LlmService } from '#shared/history/history.port.js';
import { sendGraphql } from '../support/graphql-client.js';
import { restClient, signUp } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { drained } from '../support/drained.js';
import { startReplica, type Replica } from './service-replica.js';

export interface KillPlan {
  readonly service: LlmService;
  readonly mutation: string;
  /** What is asked, by a number. */
  input(n: number): object;
  /** Where the process is killed: operations and their subjects. */
  readonly steps: readonly string[];
  readonly seed: number;
}

export interface KillReport {
  /** Steps at which the process was killed as planned. */
  readonly killed: readonly string[];
  /** Ids that were answered with 2xx, by the key of their request. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Those of them that were answered by a process that was then killed. */
  readonly early: ReadonlyMap<string, string>;
  readonly keys: readonly string[];
  readonly records: readonly HistoryRecord[];
  readonly verified: { readonly code: number; readonly output: string };
}

const AT_ONCE = 4;
const MOST_ROUNDS = 8;
/** The file takes less than a minute on a machine that has nothing else to do. */
export const PATIENCE_MS = 300_000;
const ENV = { LLM_TIMEOUT_MS: '4900', IDEMPOTENCY_TAKEOVER: '5s', LOG_LEVEL: 'warn' };

/**
 * Kills a service at each step, before and after it, while requests are under way; has every request that was not answered asked again
 * with its key, of a process that lives; and waits until all is settled. While one process is being used to its end the
 * next one starts, so that there are two replicas most of the time.
 */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const system = await startSystem(ENV);
  try {
    const { token } = await signUp(restClient(system.url), 'ada@example.com');
    const client = new Client(plan, token);
    const ordinary = system.platform.services.get(plan.service)!;
    await ordinary.stop();
    const { program } = ordinary;
    const killed = await killAtEachStep(program, plan, client);
    const early = new Map(client.acknowledged);
    const last = await startReplica(program, ENV);
    try {
      // A dead request holds its key for some seconds; those who ask meanwhile wait for it.
      await client.askAgain(last.url);
      await drained(system, [plan.service]);
      const verified = await verify(plan.service, dirname(dirname(program.logFile)));
      const { keys, acknowledged } = client;
      return { keys, early, acknowledged, killed, verified, records: await recordsOf(system, plan.service) };
    } finally {
      await last.stop();
    }
  } finally {
    await system.stop();
  }
}

/** Asks for things, each with a key of its own, and knows what was answered. */
class Client {
  readonly keys: string[] = [];
  readonly acknowledged = new Map<string, string>();

  constructor(
    private readonly plan: KillPlan,
    private readonly token: string,
  ) {}

  /** Whether all were answered. */
  async askNew(url: string): Promise<boolean> {
    const fresh = Array.from({ length: AT_ONCE }, (_, n) => `key-${this.keys.length + n}`);
    this.keys.push(...fresh);
    await Promise.all(fresh.map((key) => this.#ask(url, key)));
    return fresh.every((key) => this.acknowledged.has(key));
  }

  async askAgain(url: string): Promise<void> {
    const left = this.keys.filter((key) => !this.acknowledged.has(key));
    // All of them at once would take longer than a model may.
    for (let at = 0; at < left.length; at += AT_ONCE) {
      await Promise.all(left.slice(at, at + AT_ONCE).map((key) => this.#ask(url, key)));
    }
  }

  async #ask(url: string, key: string): Promise<void> {
    const { mutation, input } = this.plan;
    const variables = { input: { ...input(this.keys.indexOf(key)), idempotencyKey: key } };
    // A process that dies answers nothing, which is what this is about.
    const reply = await sendGraphql(url, { query: mutation, variables, token: this.token }).catch(() => null);
    const [answer] = Object.values(reply?.data ?? {}) as ({ id: string } | null)[];
    if (answer) this.acknowledged.set(key, answer.id);
  }
}

/** Returns the steps at which a process was killed, which should be all of them. */
async function killAtEachStep(program: ServiceProgram, { steps, seed }: KillPlan, client: Client): Promise<string[]> {
  const random = generator(seed);
  const killed: string[] = [];
  const order = shuffled(points(steps), random);
  const start = async (step: string | undefined): Promise<Replica | undefined> => {
    if (step === undefined) return undefined;
    // After the first round, so that a process has answered some requests before it dies.
    const [first, last] = /index|events|delete/.test(step) ? [2, 3] : [AT_ONCE + 1, 2 * AT_ONCE];
    const FAULT_POINT = `${step}:${first + Math.floor(random() * (last - first + 1))}`;
    return startReplica(program, { ...ENV, FAULT_POINT, PORT: String(await anyFreePort()) });
  };
  let next = start(order[0]);
  try {
    for (const [at, step] of order.entries()) {
      const replica = (await next)!;
      next = start(order[at + 1]);
      let isAlive = !replica.hasEnded();
      for (let round = 0; round < MOST_ROUNDS && isAlive; round += 1) isAlive = await client.askNew(replica.url);
      if (isAlive) await replica.stop();
      if ((await replica.ended) === 'SIGKILL') killed.push(step);
    }
  } finally {
    await (await next)?.stop();
  }
  return killed;
}

/** The command that operators run, on the running platform. */
async function verify(service: string, dataDir: string): Promise<KillReport['verified']> {
  const main = resolve(import.meta.dirname, '../../dist/infra/history/main.js');
  const env = { PATH: process.env['PATH'], DATA_DIR: dataDir };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--service', service], { env });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

export function points(steps: readonly string[]): string[] {
  return steps.flatMap((step) => [`${step}:before`, `${step}:after`]);
}

async function recordsOf(system: System, service: string): Promise<HistoryRecord[]> {
  const keys = await system.keys(service, 'requests/');
  if (keys.length >= 1000) throw new Error('there are more objects than one listing has');
  const paths = keys.filter((key) => key.endsWith('/record.json'));
  return Promise.all(paths.map((path) => system.json<HistoryRecord>(service, path)));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
