import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { anyFreePort, choosePorts, isFree } from './ports.js';

describe('ports', () => {
  it('are never chosen twice, however many starts choose before any listens', async () => {
    const starts = await Promise.all(Array.from({ length: 60 }, () => choosePorts({ anywhere: true })));
    const chosen = starts.flatMap((ports) => Object.values(ports));
    expect(chosen).toHaveLength(480);
    expect(new Set(chosen).size).toBe(480);
  });

  it('go to the first of two starts that want the same', async () => {
    const [first, second] = [await choosePorts({ anywhere: false }), await choosePorts({ anywhere: false })];
    expect(Object.values(second).filter((port) => Object.values(first).includes(port))).toEqual([]);
  });

  it('stay free for those they were chosen for', async () => {
    expect(await isFree(await anyFreePort())).toBe(true);
  });

  it('are not free while somebody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await isFree((server.address() as AddressInfo).port)).toBe(false);
    server.close();
  });
});
