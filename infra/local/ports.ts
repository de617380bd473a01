import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { once, type EventEmitter } from 'node:events';

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

const HOST = '127.0.0.1';
const LOWEST = 16_000;
const HIGHEST = 30_000;

/**
 * A loopback port for each part: its own, or any other when that is taken. With `anywhere`, any other at once, for
 * platforms that start side by side. Each is kept for this process until it ends: no other start chooses it.
 */
export async function choosePorts({ anywhere }: { anywhere: boolean }): Promise<Ports> {
  const ports: Partial<Record<PartName, number>> = {};
  for (const [name, preferred] of Object.entries(PREFERRED) as [PartName, number][]) {
    ports[name] = !anywhere && (await reserve(preferred)) ? preferred : await anyFreePort();
  }
  return ports as Ports;
}

/** A loopback port that nobody listens on, kept for this process until it ends. */
export async function anyFreePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await reserve(port)) return port;
  }
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const free = await succeeds(probe.listen(port, HOST), 'listening');
  if (free) await new Promise((resolve) => probe.close(resolve));
  return free;
}

/**
 * Seconds pass between choosing a port and listening on it, in which another start may find it free as well. So the UDP
 * port of the same number is taken, which nobody needs: the system gives it to one process alone, and has it back
 * however that process ends.
 */
async function reserve(port: number): Promise<boolean> {
  const reservation = createSocket('udp4');
  reservation.bind({ port, address: HOST, exclusive: true });
  if (!(await succeeds(reservation, 'listening'))) return false;
  reservation.unref();
  if (await isFree(port)) return true;
  reservation.close();
  return false;
}

async function succeeds(emitter: EventEmitter, event: string): Promise<boolean> {
  try {
    await once(emitter, event);
    return true;
  } catch {
    return false;
  }
}
