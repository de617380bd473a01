import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startS3 } from '../../infra/local/s3/start-s3.js';
import { ensureBuckets } from '../../infra/provision/buckets.js';
import type { Lifecycle } from '#shared/server/lifecycle.js';
import { temporaryFolder } from './temporary-folder.js';

export const S3_ACCESS = { region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test-secret' };

export interface WatchedS3 {
  readonly endpoint: string;
  /** `GET <key>`, `PUT <key>` and `DELETE <key>` in the order in which the store did them; others may write their own lines between. */
  readonly journal: string[];
  /** While it is true, every connection to the store breaks. */
  isAway: boolean;
}

/** An embedded S3 with one bucket, behind a proxy that writes down what it does. */
export async function startWatchedS3(bucket: string, life: Lifecycle): Promise<WatchedS3> {
  const folder = await temporaryFolder('llm');
  life.defer('folder', folder.remove);
  const s3 = await startS3({ dataDir: join(folder.path, 's3'), port: 0, credentials: S3_ACCESS });
  life.defer('s3', () => s3.close());
  await ensureBuckets({ endpoint: s3.endpoint, ...S3_ACCESS }, [bucket]);
  const watched: WatchedS3 = { endpoint: '', journal: [], isAway: false };
  const { port } = new URL(s3.endpoint);
  const proxy = createServer((request, response) => {
    if (watched.isAway) request.socket.destroy();
    else pass(request, response, Number(port), watched.journal);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  life.defer('proxy', () => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return Object.assign(watched, { endpoint });
}

function pass(request: IncomingMessage, response: ServerResponse, port: number, journal: string[]): void {
  const { method = 'GET', url = '/', headers } = request;
  const upstream = forward({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    const status = answer.statusCode ?? 502;
    const key = decodeURIComponent(url.split('?')[0] ?? '').replace(/^\/[^/]+\//, '');
    if (status < 300 && key !== '') journal.push(`${method} ${key}`);
    response.writeHead(status, answer.headers);
    answer.pipe(response);
  });
  upstream.once('error', () => response.destroy());
  request.pipe(upstream);
}
