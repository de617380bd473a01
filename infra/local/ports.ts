import { createServer } from 'node:net';
import { once } from 'node:events';

/** Where each part listens as long as nobody else does; below the range from which systems take outgoing ports. */
const PREFERRED = {
  postgres: 15_432,
  mongo: 15_433,
  s3: 15_434,
  auth: 15_441,
  analytics: 15_442,
  image: 15_443,
  summarize: 15_444,
  chat: 15_445,
} as const;

export type PartName = keyof typeof PREFERRED;
export type Ports = Readonly<Record<PartName, number>>;

const LOWEST = 16_000;
const HIGHEST = 30_000;

/**
 * A free loopback port for each part: its own, or any other when that is taken. With `anywhere`, any other at once, for
 * platforms that start side by side and would find the same port free at the same moment.
 */
export async function choosePorts({ anywhere }: { anywhere: boolean }): Promise<Ports> {
  const chosen = new Set<number>();
  const ports: Partial<Record<PartName, number>> = {};
  for (const [name, preferred] of Object.entries(PREFERRED) as [PartName, number][]) {
    const port = !anywhere && (await isFree(preferred)) ? preferred : await anyFreePort(chosen);
    chosen.add(port);
    ports[name] = port;
  }
  return ports as Ports;
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const listening = Promise.race([
    once(probe.listen(port, '127.0.0.1'), 'listening'),
    once(probe, 'error').then(() => null),
  ]);
  const free = (await listening.catch(() => null)) !== null;
  if (free) await new Promise((resolve) => probe.close(resolve));
  return free;
}

export async function anyFreePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}
