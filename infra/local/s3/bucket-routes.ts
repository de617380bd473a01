import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bucket } from './bucket.js';
import type { BucketFolder } from './bucket-folder.js';
import { listObjects } from './listing.js';
import { S3Error } from './s3-error.js';
import { all, document, element, parseXml, textOf } from './xml.js';

/** One request for one bucket, its signature already checked. */
export interface BucketCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly buckets: BucketFolder;
  readonly name: string;
  readonly region: string;
  readonly query: URLSearchParams;
  body(): Promise<Buffer>;
}

const MAX_DELETED = 1_000;
/** Sub-resources that this engine has; a query that asks for another is answered with 501. */
const PLAIN_PARAMETERS =
  /^(list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|lifecycle|location|delete|x-id|X-Amz-.*)$/;

export async function serveBucket(call: BucketCall): Promise<void> {
  const { request, query } = call;
  const unknown = [...query.keys()].find((name) => !PLAIN_PARAMETERS.test(name));
  if (unknown) throw new S3Error('NotImplemented', `"${unknown}" is not implemented here.`);
  const resource = ['lifecycle', 'location', 'delete'].find((name) => query.has(name)) ?? 'bucket';
  const serve = ROUTES[`${request.method} ${resource}`];
  if (!serve) throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  await serve(call);
}

const ROUTES: Readonly<Record<string, (call: BucketCall) => Promise<void> | void>> = {
  async 'PUT bucket'({ buckets, name, response }) {
    await buckets.create(name);
    response.writeHead(200, { location: `/${name}` }).end();
  },
  'HEAD bucket'({ buckets, name, region, response }) {
    buckets.get(name);
    response.writeHead(200, { 'x-amz-bucket-region': region }).end();
  },
  async 'DELETE bucket'({ buckets, name, response }) {
    await buckets.delete(name);
    response.writeHead(204).end();
  },
  'GET bucket'({ buckets, name, query, response }) {
    if (query.get('list-type') !== '2') throw new S3Error('NotImplemented', 'Only ListObjectsV2 is implemented here.');
    sendXml(response, listObjects(name, buckets.get(name), query));
  },
  'GET location'({ buckets, name, response }) {
    buckets.get(name);
    sendXml(response, document('LocationConstraint', []));
  },
  async 'POST delete'({ buckets, name, response, body }) {
    sendXml(response, await deleteObjects(buckets.get(name), (await body()).toString('utf8')));
  },
  'GET lifecycle'({ buckets, name, response }) {
    const { lifecycle } = buckets.get(name);
    if (lifecycle === null) {
      throw new S3Error('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
    }
    sendXml(response, lifecycle);
  },
  async 'PUT lifecycle'({ buckets, name, response, body }) {
    const source = (await body()).toString('utf8');
    const root = parseXml(source);
    if (root.name !== 'LifecycleConfiguration' || all(root, 'Rule').length === 0) {
      throw new S3Error('MalformedXML', 'A LifecycleConfiguration with rules is expected.');
    }
    await buckets.get(name).setLifecycle(source);
    response.writeHead(200).end();
  },
  async 'DELETE lifecycle'({ buckets, name, response }) {
    await buckets.get(name).setLifecycle(null);
    response.writeHead(204).end();
  },
};

async function deleteObjects(bucket: Bucket, source: string): Promise<string> {
  const root = parseXml(source);
  const keys = all(root, 'Object').map((object) => textOf(object, 'Key') ?? '');
  if (root.name !== 'Delete' || keys.length === 0 || keys.length > MAX_DELETED || keys.includes('')) {
    throw new S3Error('MalformedXML', `A Delete document with 1 to ${MAX_DELETED} keys is expected.`);
  }
  if (all(root, 'Object').some(({ children }) => children.some(({ name }) => name !== 'Key'))) {
    throw new S3Error('NotImplemented', 'Only deletions by key alone are implemented here.');
  }
  // Together, so that they share what the journal writes.
  await Promise.all(keys.map((key) => bucket.delete(key)));
  const quiet = textOf(root, 'Quiet') === 'true';
  return document('DeleteResult', quiet ? [] : keys.map((key) => element('Deleted', [element('Key', key)])));
}

function sendXml(response: ServerResponse, xml: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(xml);
}
