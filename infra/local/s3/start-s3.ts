import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BucketFolder } from './bucket-folder.js';
import { serveBucket } from './bucket-routes.js';
import { serveObject } from './object-routes.js';
import { readBody } from './request-body.js';
import { S3Error } from './s3-error.js';
import { targetOf } from './s3-request.js';
import { Gate, type Credentials } from './signature.js';
import { document, element, errorDocument } from './xml.js';

export interface S3Options {
  readonly dataDir: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly region?: string;
  readonly host?: string;
  readonly maxBodyBytes?: number;
  readonly clock?: () => number;
  /** Size of a bucket's journal from which its bytes are put into their files; 16 MiB if left out. */
  readonly checkpointBytes?: number;
}

export interface StartedS3 {
  readonly endpoint: string;
  close(): Promise<void>;
}

interface Engine extends Required<Omit<S3Options, 'dataDir' | 'checkpointBytes' | 'credentials'>> {
  readonly buckets: BucketFolder;
  readonly gate: Gate;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Starts the embedded S3 engine: path style, one pair of credentials, files under `dataDir`. Returns once it listens.
 * Throws an Error for the operator when its data is damaged.
 */
export async function startS3(options: S3Options): Promise<StartedS3> {
  const buckets = await BucketFolder.open(options.dataDir, options.checkpointBytes);
  const region = options.region ?? 'us-east-1';
  const gate = new Gate(options.credentials, region);
  const engine: Engine = {
    host: '127.0.0.1',
    maxBodyBytes: MAX_BODY_BYTES,
    clock: Date.now,
    ...options,
    region,
    buckets,
    gate,
  };
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      void answer(engine, request, response);
    },
  );
  server.listen(engine.port, engine.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://${engine.host}:${port}`, close: () => close(server, buckets) };
}

async function close(server: Server, buckets: BucketFolder): Promise<void> {
  server.closeIdleConnections();
  const closed = once(server, 'close');
  server.close();
  setTimeout(() => server.closeAllConnections(), 1_000).unref();
  await closed;
  await buckets.close();
}

async function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  response.setHeader('x-amz-request-id', requestId);
  try {
    await route(engine, request, response);
  } catch (error) {
    refuse(response, request.method === 'HEAD', error, requestId);
  } finally {
    // A refusal may come before the body was read; it is read to its end so that the connection can go on.
    request.resume();
  }
}

async function route(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { buckets, gate, region, clock, maxBodyBytes } = engine;
  const { rawPath, bucket, key, query } = targetOf(request);
  const method = request.method ?? 'GET';
  const nowMs = clock();
  const authorized = gate.authorize({ method, rawPath, query, headers: request.headers }, nowMs);
  const body = (): Promise<Buffer> => {
    if (request.headers['content-length'] === undefined && !request.headers['transfer-encoding']) {
      throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
    }
    return readBody(request, authorized, maxBodyBytes);
  };
  if (bucket === '') return listBuckets(method, buckets, response);
  if (key === null) return serveBucket({ request, response, buckets, name: bucket, region, query, body });
  return serveObject({ request, response, bucket: buckets.get(bucket), key, query, nowMs, body });
}

function listBuckets(method: string, buckets: BucketFolder, response: ServerResponse): void {
  if (method !== 'GET')
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  const list = buckets.names().map((name) => element('Bucket', [element('Name', name)]));
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(document('ListAllMyBucketsResult', [element('Buckets', list)]));
}

/** What went wrong on our side is said in no more words than S3 uses; the console has the rest. */
function refuse(response: ServerResponse, head: boolean, error: unknown, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', 'We encountered an internal error. Please try again.');
  if (known.code === 'InternalError') process.stderr.write(`s3 engine: ${String(error)}\n`);
  response.writeHead(known.status, { 'content-type': 'application/xml' });
  response.end(head ? undefined : errorDocument(known.code, known.message, requestId));
}
