import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';

/** So many at once, of which the client has so few under way that the last would wait longer than a connection may take. */
const WRITES = 1_500;
const ANSWERED_AFTER_MS = 250;

let server: Server;
let store: S3ObjectStore;
let under = 0;
let most = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    under += 1;
    most = Math.max(most, under);
    request.resume();
    setTimeout(() => {
      under -= 1;
      response.writeHead(200, { etag: '"e"' }).end();
    }, ANSWERED_AFTER_MS);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  store = new S3ObjectStore({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    accessKeyId: 'key',
    secretAccessKey: 'secret',
    bucket: 'bucket',
  });
});
afterAll(async () => {
  await store?.close();
  server?.close();
});

describe('a store that is slower than what is asked of it', () => {
  it('is given all of it, a bounded part at a time', async () => {
    const bytes = Buffer.from('x');
    const writes = Array.from({ length: WRITES }, (_, at) =>
      store.put(`key-${at}`, bytes, { contentType: 'text/plain', create: true }).catch((error: unknown) => error),
    );
    const outcomes = await Promise.all(writes);
    expect(outcomes.filter((outcome) => outcome !== true)).toEqual([]);
    expect(most).toBeLessThanOrEqual(100);
  });
});
