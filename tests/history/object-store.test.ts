import { GetObjectTaggingCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { listAll, type ObjectStore } from '#shared/history/store/object-store.port.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { openEmbeddedStore, type EmbeddedObjectStore } from './embedded-object-store.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const TEXT = { contentType: 'text/plain' };
const UNAVAILABLE = { code: 'SERVICE_UNAVAILABLE' };
const bytes = (text: string): Uint8Array => Buffer.from(text);

const textAt = async (store: ObjectStore, key: string): Promise<string | undefined> => {
  const found = await store.get(key);
  return found ? Buffer.from(found.bytes).toString('utf8') : undefined;
};

const adapters: Record<string, () => Promise<{ store: ObjectStore; stop(): Promise<void> }>> = {
  'in memory': async () => ({ store: new MemoryObjectStore(), stop: async () => undefined }),
  'on the embedded engine': openEmbeddedStore,
};

describe.each(Object.entries(adapters))('an object store %s', (_name, open) => {
  let opened: Awaited<ReturnType<typeof open>>;
  let store: ObjectStore;
  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  });
  afterAll(() => opened.stop());

  it('gives back the bytes it was given, whatever they are', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(await store.put('bytes/every', every, { contentType: 'application/octet-stream' })).toBe(true);
    expect([...((await store.get('bytes/every'))?.bytes ?? [])]).toEqual([...every]);
    await store.put('bytes/none', new Uint8Array(), TEXT);
    expect((await store.get('bytes/none'))?.bytes).toHaveLength(0);
  });

  it('has null for what is not there, and deletes it without complaint', async () => {
    expect(await store.get('missing/key')).toBeNull();
    await expect(store.delete('missing/key')).resolves.toBeUndefined();
  });

  it('replaces without a condition and forgets what is deleted', async () => {
    await store.put('replaced', bytes('one'), TEXT);
    expect(await store.put('replaced', bytes('two'), TEXT)).toBe(true);
    expect(await textAt(store, 'replaced')).toBe('two');
    await store.delete('replaced');
    expect(await store.get('replaced')).toBeNull();
  });

  it('deletes many, of which some may not be there, and none for none', async () => {
    const keys = Array.from({ length: 40 }, (_, n) => `many/${n} & ñ`);
    await Promise.all(keys.map((key) => store.put(key, bytes(key), TEXT)));
    await store.deleteAll([]);
    await store.deleteAll([...keys.slice(1), 'many/missing']);
    expect(await store.list('many/', { limit: 100 })).toEqual([keys[0]]);
    await store.deleteAll([keys[0]!]);
    expect(await store.list('many/', { limit: 100 })).toEqual([]);
  });

  it('has objects under keys of any characters', async () => {
    const keys = ["odd/!'()*", 'odd/a b+c', 'odd/%2F', 'odd/ñ/\u{1f600}', 'odd/a&b=c?d#e', 'odd/~._-'];
    for (const key of keys) await store.put(key, bytes(key), TEXT);
    expect(await Promise.all(keys.map((key) => textAt(store, key)))).toEqual(keys);
    await store.deleteAll(keys);
    expect(await store.list('odd/', { limit: 100 })).toEqual([]);
  });

  it('creates once, and says false and changes nothing the second time', async () => {
    expect(await store.put('created', bytes('first'), { ...TEXT, create: true })).toBe(true);
    expect(await store.put('created', bytes('second'), { ...TEXT, create: true })).toBe(false);
    expect(await textAt(store, 'created')).toBe('first');
  });

  it('lets exactly one of many creators win', async () => {
    const writers = Array.from({ length: 8 }, (_, writer) => `writer ${writer}`);
    const won = await Promise.all(
      writers.map((writer) => store.put('raced', bytes(writer), { ...TEXT, create: true })),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await textAt(store, 'raced')).toBe(writers[won.indexOf(true)]);
  });

  it('writes over the ETag it has, and over no other', async () => {
    await store.put('matched', bytes('one'), TEXT);
    const { etag } = (await store.get('matched'))!;
    expect(await store.put('matched', bytes('two'), { ...TEXT, ifMatch: etag })).toBe(true);
    expect(await store.put('matched', bytes('three'), { ...TEXT, ifMatch: etag })).toBe(false);
    expect(await textAt(store, 'matched')).toBe('two');
  });

  it('says false when the object of an ETag is gone, and does not create it', async () => {
    await store.put('gone', bytes('one'), TEXT);
    const { etag } = (await store.get('gone'))!;
    await store.delete('gone');
    expect(await store.put('gone', bytes('two'), { ...TEXT, ifMatch: etag })).toBe(false);
    expect(await store.get('gone')).toBeNull();
  });

  it('lists below a prefix in byte order, in pages', async () => {
    const keys = ['list/10', 'list/9', 'list/A', 'list/a', 'list/é', 'list/\u{1f600}', 'list/\uff5e', 'lost/1'];
    for (const key of keys) await store.put(key, bytes(key), TEXT);
    const inOrder = ['list/10', 'list/9', 'list/A', 'list/a', 'list/é', 'list/\uff5e', 'list/\u{1f600}'];
    expect(await store.list('list/', { limit: 1000 })).toEqual(inOrder);
    expect(await store.list('list/', { limit: 2 })).toEqual(inOrder.slice(0, 2));
    expect(await store.list('list/', { limit: 2, startAfter: 'list/9' })).toEqual(inOrder.slice(2, 4));
    expect(await store.list('list/', { limit: 2, startAfter: 'list/98' })).toEqual(inOrder.slice(2, 4));
    expect(await store.list('nothing/', { limit: 2 })).toEqual([]);
  });

  it.each([1, 2, 3, 7])('gives every key once when all are listed in pages of %i', async (limit) => {
    const keys = Array.from({ length: 6 }, (_, n) => `all-${limit}/${n}`);
    for (const key of keys) await store.put(key, bytes(key), TEXT);
    const listed: string[] = [];
    for await (const key of listAll(store, `all-${limit}/`, limit)) listed.push(key);
    expect(listed).toEqual(keys);
  });

  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

describe('the S3 adapter', () => {
  let embedded: EmbeddedObjectStore;
  let client: S3Client;
  beforeAll(async () => {
    embedded = await openEmbeddedStore();
    const { endpoint, region, accessKeyId, secretAccessKey } = embedded.settings;
    client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  });
  afterAll(async () => {
    client.destroy();
    await embedded.stop();
  });

  it('keeps content type and tags', async () => {
    const at = { Bucket: 'history', Key: 'tagged.png' };
    const tags = { class: 'artifact', 'with space': 'a+b' };
    await embedded.store.put(at.Key, bytes('png'), { contentType: 'image/png', tags });
    expect((await client.send(new HeadObjectCommand(at))).ContentType).toBe('image/png');
    const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(at));
    expect(Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]))).toEqual(tags);
  });

  it('signs a URL that downloads the object under the name and type asked for', async () => {
    await embedded.store.put('a folder/ñ+1.json', bytes('{"a":1}'), TEXT);
    const terms = { expiresInSec: 300, contentType: 'application/json', filename: 'mine.json' };
    const { statusCode, headers, body } = await request(await embedded.store.signedUrl('a folder/ñ+1.json', terms));
    expect({ statusCode, text: await body.text() }).toEqual({ statusCode: 200, text: '{"a":1}' });
    expect(headers['content-type']).toBe('application/json');
    expect(headers['content-disposition']).toBe('attachment; filename="mine.json"');
  });

  it('lets nothing into the header that could end the name of the file', async () => {
    await embedded.store.put('named', bytes('named'), TEXT);
    const terms = { expiresInSec: 300, contentType: 'text/plain', filename: 'año"; x\r\n/..\\.txt' };
    const { statusCode, headers, body } = await request(await embedded.store.signedUrl('named', terms));
    await body.dump();
    expect(statusCode).toBe(200);
    expect(headers['content-disposition']).toBe('attachment; filename="a_o___x___.._.txt"');
  });

  it('signs a URL for one object only, and for no write', async () => {
    await embedded.store.put('shown', bytes('shown'), TEXT);
    await embedded.store.put('other', bytes('other'), TEXT);
    const terms = { expiresInSec: 300, contentType: 'text/plain', filename: 'shown.txt' };
    const url = await embedded.store.signedUrl('shown', terms);
    const other = await request(url.replace('/shown?', '/other?'));
    const written = await request(url, { method: 'PUT', body: 'mine' });
    await Promise.all([other.body.dump(), written.body.dump()]);
    expect([other.statusCode, written.statusCode]).toEqual([403, 403]);
  });

  it('names the public endpoint in signed URLs while it talks to the private one', async () => {
    const store = new S3ObjectStore({ ...embedded.settings, publicEndpoint: 'https://files.example.com' });
    const terms = { expiresInSec: 600, contentType: 'text/plain', filename: 'public.txt' };
    await store.put('public', bytes('public'), TEXT);
    const url = new URL(await store.signedUrl('public', terms));
    await store.close();
    expect(url.origin + url.pathname).toBe('https://files.example.com/history/public');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('600');
  });

  const cases: [string, (store: ObjectStore) => Promise<unknown>][] = [
    ['put', (store) => store.put('x', bytes('x'), TEXT)],
    ['put to create', (store) => store.put('x', bytes('x'), { ...TEXT, create: true })],
    ['put over an ETag', (store) => store.put('x', bytes('x'), { ...TEXT, ifMatch: '"x"' })],
    ['get', (store) => store.get('x')],
    ['delete', (store) => store.delete('x')],
    ['list', (store) => store.list('', { limit: 1 })],
    ['ping', (store) => store.ping()],
  ];

  it.each(cases)('throws SERVICE_UNAVAILABLE on %s of a bucket that does not exist', async (_name, call) => {
    const store = new S3ObjectStore({ ...embedded.settings, bucket: 'nowhere' });
    await expect(call(store)).rejects.toMatchObject(UNAVAILABLE);
    await store.close();
  });

  it.each(cases)('throws SERVICE_UNAVAILABLE on %s with credentials that are not accepted', async (_name, call) => {
    const store = new S3ObjectStore({ ...embedded.settings, secretAccessKey: 'wrong' });
    await expect(call(store)).rejects.toMatchObject(UNAVAILABLE);
    await store.close();
  });

  describe('when the store is away', () => {
    let away: EmbeddedObjectStore;
    beforeAll(async () => {
      away = await openEmbeddedStore();
      await away.halt();
    });
    afterAll(() => away.stop());

    it.each(cases)('throws SERVICE_UNAVAILABLE on %s', async (_name, call) => {
      await expect(call(away.store)).rejects.toMatchObject(UNAVAILABLE);
    });
  });
});
