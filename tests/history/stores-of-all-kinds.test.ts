import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppError } from '#shared/errors/app-error.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { openEmbeddedStore, type EmbeddedObjectStore } from './embedded-object-store.js';
import { s3Proxy } from './s3-proxy.js';

const TEXT = { contentType: 'text/plain' };
const bytes = (text: string): Uint8Array => Buffer.from(text);

let embedded: EmbeddedObjectStore;
beforeAll(async () => {
  embedded = await openEmbeddedStore();
});
afterAll(() => embedded?.stop());

describe('the S3 adapter', () => {
  describe('before a store that takes no several deletions in one call', () => {
    const isMultiple = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url!.includes('delete');

    it.each([
      [400, 'MissingContentMD5', 1],
      [501, 'NotImplemented', 1],
      [500, 'InternalError', 6],
    ])('deletes one by one: %i %s', async (status, code, asked) => {
      let calls = 0;
      const proxy = await s3Proxy(embedded.settings.endpoint, (received) => {
        if (!isMultiple(received)) return null;
        calls += 1;
        return [status, code];
      });
      const store = new S3ObjectStore({ ...embedded.settings, endpoint: proxy.endpoint });
      for (const round of [1, 2]) {
        const keys = [`one-by-one/${round}`, `one-by-one/${round}b`];
        for (const key of keys) await store.put(key, bytes(key), TEXT);
        await store.deleteAll(keys);
      }
      expect(await store.list('one-by-one/', { limit: 10 })).toEqual([]);
      expect(calls).toBe(asked);
      await store.close();
      proxy.close();
    });

    it('deletes those by themselves that the store could not delete with the others', async () => {
      const failed = '<Error><Key>partly/2</Key><Code>InternalError</Code><Message>No.</Message></Error>';
      const partly = createServer((received, response) => {
        deleted.push(`${received.method} ${received.url}`);
        received.resume().once('end', () => response.end(`<DeleteResult>${failed}</DeleteResult>`));
      });
      const deleted: string[] = [];
      await new Promise<void>((listening) => partly.listen(0, '127.0.0.1', listening));
      const endpoint = `http://127.0.0.1:${(partly.address() as AddressInfo).port}`;
      const store = new S3ObjectStore({ ...embedded.settings, endpoint });
      await store.deleteAll(['partly/1', 'partly/2', 'partly/3']);
      expect(deleted).toEqual([expect.stringMatching(/^POST .*delete/), 'DELETE /history/partly/2']);
      await store.close();
      partly.close();
      partly.closeAllConnections();
    });
  });

  it('reaches a store below a path of its host', async () => {
    const paths: string[] = [];
    const below = createServer((received, response) => {
      paths.push(received.url ?? '');
      received.resume().once('end', () => response.writeHead(200, { etag: '"e"' }).end());
    });
    await new Promise<void>((listening) => below.listen(0, '127.0.0.1', listening));
    const endpoint = `http://127.0.0.1:${(below.address() as AddressInfo).port}/storage/s3/`;
    const store = new S3ObjectStore({ ...embedded.settings, endpoint });
    await store.put('a/b', bytes('x'), TEXT);
    expect(paths).toEqual(['/storage/s3/history/a/b']);
    await store.close();
    below.close();
    below.closeAllConnections();
  });

  describe('with a store that stumbles', () => {
    type Stumble = 'cut' | readonly [status: number, code: string];
    let stumbles: Stumble[] = [];
    let calls = 0;
    const double = createServer((req, res) => {
      calls += 1;
      const next = stumbles.shift();
      req.resume();
      if (next === 'cut') req.socket.destroy();
      else req.on('end', () => res.writeHead(next?.[0] ?? 200, { etag: '"e"' }).end(next && `<Code>${next[1]}</Code>`));
    });
    let store: S3ObjectStore;
    beforeAll(async () => {
      await new Promise<void>((listening) => double.listen(0, '127.0.0.1', listening));
      const { port } = double.address() as AddressInfo;
      store = new S3ObjectStore({ ...embedded.settings, endpoint: `http://127.0.0.1:${port}` });
    });
    afterAll(async () => {
      await store.close();
      await new Promise((closed) => double.close(closed));
    });

    const create = { ...TEXT, create: true };
    it.each<[string, Stumble[], unknown, number]>([
      ['carries out what goes well the third time', [[503, 'SlowDown'], 'cut'], true, 3],
      ['gives up after the third time', ['cut', [500, 'InternalError'], [503, 'SlowDown']], 'SERVICE_UNAVAILABLE', 3],
      ['sends again what came too slowly', [[400, 'RequestTimeout']], true, 2],
      ['takes a condition that does not hold for an answer', [[412, 'PreconditionFailed']], false, 1],
      ['takes a write that is in the way for an answer', [[409, 'ConditionalRequestConflict']], false, 1],
      ['does not ask again for what is refused', [[403, 'AccessDenied']], 'SERVICE_UNAVAILABLE', 1],
    ])('%s', async (_name, planned, expected, asked) => {
      [stumbles, calls] = [[...planned], 0];
      const outcome = await store.put('x', bytes('x'), create).catch(({ code }: AppError) => code);
      expect({ outcome, calls }).toEqual({ outcome: expected, calls: asked });
    });
  });
});
