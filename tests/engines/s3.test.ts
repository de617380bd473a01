import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import { openS3, outcome, type S3UnderTest } from './s3-under-test.js';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3?.stop());

const get = (Key: string, more: object = {}) =>
  s3.client.send(new GetObjectCommand({ Bucket: s3.Bucket, Key, ...more }));
const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket: s3.Bucket, Key }));
const remove = (Key: string) => s3.client.send(new DeleteObjectCommand({ Bucket: s3.Bucket, Key }));

describe('an object', () => {
  it('comes back byte by byte, with its type, metadata, size and tag count', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
    const ETag = await s3.put('a/bytes.bin', bytes, {
      ContentType: 'image/png',
      Metadata: { by: 'ana' },
      Tagging: 'class=artifact',
    });
    const found = await get('a/bytes.bin');
    expect(found).toMatchObject({
      ContentType: 'image/png',
      ContentLength: 70_000,
      Metadata: { by: 'ana' },
      ETag,
      TagCount: 1,
    });
    expect(bytes.equals(await (found.Body?.transformToByteArray() ?? new Uint8Array()))).toBe(true);
    expect(await head('a/bytes.bin')).toMatchObject({ ContentLength: 70_000, ETag });
    expect(found.LastModified?.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
  });

  it('is replaced whole by the next write, and gone after its deletion', async () => {
    await s3.put('replaced', 'first', { Tagging: 'a=1', Metadata: { x: '1' } });
    await s3.put('replaced', 'second');
    expect(await s3.text('replaced')).toBe('second');
    expect((await head('replaced')).Metadata).toEqual({});
    await remove('replaced');
    expect(await outcome(get('replaced'))).toBe('NoSuchKey');
    expect(await outcome(head('replaced'))).toBe('NotFound');
    expect(await outcome(remove('replaced'))).toBe('ok');
  });

  it('may be empty', async () => {
    await s3.put('empty', '');
    expect(await s3.text('empty')).toBe('');
  });

  it.each([
    ['bytes=2-4', 'cde'],
    ['bytes=7-', 'hij'],
    ['bytes=-2', 'ij'],
    ['bytes=8-99', 'ij'],
  ])('answers the range %s', async (Range, expected) => {
    await s3.put('ranged', 'abcdefghij');
    const found = await get('ranged', { Range });
    expect(await found.Body?.transformToString()).toBe(expected);
    expect(found.$metadata.httpStatusCode).toBe(206);
  });

  it('refuses a range beyond its end', async () => {
    await s3.put('ranged', 'abcdefghij');
    expect(await outcome(get('ranged', { Range: 'bytes=10-' }))).toBe('InvalidRange');
  });

  it('is not sent again to a reader who has it', async () => {
    const ETag = await s3.put('cached', 'x');
    const unchanged = get('cached', { IfNoneMatch: ETag }).catch((error) => error);
    expect((await unchanged).$metadata.httpStatusCode).toBe(304);
    expect(await outcome(get('cached', { IfMatch: '"0123456789abcdef0123456789abcdef"' }))).toBe('PreconditionFailed');
  });
});

describe('a conditional write', () => {
  it('creates only where nothing is, and replaces only what was read', async () => {
    const ETag = await s3.put('condition', '1', { IfNoneMatch: '*' });
    expect(await outcome(s3.put('condition', '2', { IfNoneMatch: '*' }))).toBe('PreconditionFailed');
    expect(await outcome(s3.put('condition', '2', { IfMatch: '"00000000000000000000000000000000"' }))).toBe(
      'PreconditionFailed',
    );
    await s3.put('condition', '2', { IfMatch: ETag });
    expect(await s3.text('condition')).toBe('2');
    expect(await outcome(s3.put('not-there', '2', { IfMatch: ETag }))).toBe('NoSuchKey');
  });

  it('has one winner among parallel creators', async () => {
    const attempts = Array.from({ length: 12 }, (_, at) => outcome(s3.put('race', String(at), { IfNoneMatch: '*' })));
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter((name) => name === 'ok')).toHaveLength(1);
  });

  it('loses no update when writers retry', async () => {
    await s3.put('counter', '0');
    const increment = async (): Promise<void> => {
      for (;;) {
        const found = await get('counter');
        const next = Number(await found.Body?.transformToString()) + 1;
        const done = await outcome(s3.put('counter', String(next), { IfMatch: found.ETag }));
        if (done === 'ok') return;
        expect(['PreconditionFailed', 'ConditionalRequestConflict']).toContain(done);
      }
    };
    await Promise.all(Array.from({ length: 8 }, increment));
    expect(await s3.text('counter')).toBe('8');
  });
});

describe('keys', () => {
  it.each([
    'a',
    'a/b',
    'a.b',
    'a.b/c',
    'a/',
    'a//b',
    '..a',
    'año/ñ 日本.txt',
    'quote\'"&<>+%25?#',
    'x'.repeat(600),
    `${'y'.repeat(300)}/z`,
  ])('may be %j', async (key) => {
    await s3.put(`keys/${key}`, key);
    expect(await s3.text(`keys/${key}`)).toBe(key);
    expect(await s3.keys(`keys/${key}`)).toContain(`keys/${key}`);
  });

  it('round trip whatever they are', async () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[\0\r\n]/.test(text) && !/^\.+$/.test(text) && !/[\p{Cc}\p{Cs}]/u.test(text));
    const keys = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `any/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(keys, async (key) => {
        await s3.put(key, key);
        expect(await s3.text(key)).toBe(key);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a listing', () => {
  const KEYS = ['list/a', 'list/a/b', 'list/a/c', 'list/b', 'list/ñ', 'list/z/1', 'list/z/2', 'list/𝒳'];
  beforeAll(() => Promise.all(KEYS.map((key) => s3.put(key, 'x'))));
  const list = (more: object) =>
    s3.client.send(new ListObjectsV2Command({ Bucket: s3.Bucket, Prefix: 'list/', ...more }));

  it.each([1, 2, 3, 7, 1_000])('gives every key once, in byte order, in pages of %i', async (MaxKeys) => {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ MaxKeys, ContinuationToken });
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(found).toEqual(KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('folds at a delimiter, also across pages', async () => {
    const whole = await list({ Delimiter: '/' });
    expect(whole.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['list/a/', 'list/z/']);
    expect(whole.Contents?.map(({ Key }) => Key)).toEqual(['list/a', 'list/b', 'list/ñ', 'list/𝒳']);
    const items: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ Delimiter: '/', MaxKeys: 1, ContinuationToken });
      items.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(items).toEqual(['list/a', 'list/a/', 'list/b', 'list/z/', 'list/ñ', 'list/𝒳']);
  });

  it('starts after a key', async () => {
    const page = await list({ StartAfter: 'list/b' });
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['list/z/1', 'list/z/2', 'list/ñ', 'list/𝒳']);
  });
});

describe('tags, lifecycle', () => {
  it('keeps tags, replaces them, and takes them away', async () => {
    const tagging = async (Key: string) => {
      const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: s3.Bucket, Key }));
      return Object.fromEntries((TagSet ?? []).map(({ Key: name, Value }) => [name, Value]));
    };
    await s3.put('tagged', 'bytes', { Tagging: 'class=artifact&a=b%20c' });
    expect(await tagging('tagged')).toEqual({ class: 'artifact', a: 'b c' });
    const TagSet = [{ Key: 'd', Value: '<&>' }];
    await s3.client.send(new PutObjectTaggingCommand({ Bucket: s3.Bucket, Key: 'tagged', Tagging: { TagSet } }));
    expect(await tagging('tagged')).toEqual({ d: '<&>' });
    await s3.client.send(new DeleteObjectTaggingCommand({ Bucket: s3.Bucket, Key: 'tagged' }));
    expect(await tagging('tagged')).toEqual({});
    expect(await s3.text('tagged')).toBe('bytes');
  });

  it('keeps a lifecycle configuration', async () => {
    const read = () => s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: s3.Bucket }));
    expect(await outcome(read())).toBe('NoSuchLifecycleConfiguration');
    const Rules = [
      {
        ID: 'artifacts',
        Status: 'Enabled' as const,
        Filter: { Tag: { Key: 'class', Value: 'artifact' } },
        Expiration: { Days: 180 },
      },
    ];
    await s3.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: s3.Bucket, LifecycleConfiguration: { Rules } }),
    );
    expect((await read()).Rules).toMatchObject([{ ID: 'artifacts', Status: 'Enabled', Expiration: { Days: 180 } }]);
  });

  it('says when there is no such bucket', async () => {
    expect(await outcome(s3.client.send(new HeadBucketCommand({ Bucket: 'no-such-bucket-here' })))).toBe('NotFound');
    expect(await outcome(s3.client.send(new GetObjectCommand({ Bucket: 'no-such-bucket-here', Key: 'x' })))).toBe(
      'NoSuchBucket',
    );
  });
});

describe('a presigned URL', () => {
  const signed = (Key: string, more: object = {}) =>
    getSignedUrl(s3.client, new GetObjectCommand({ Bucket: s3.Bucket, Key, ...more }), { expiresIn: 300 });

  it('gives the object without credentials, under the type and name that were signed', async () => {
    await s3.put('signed file.txt', 'for you');
    const url = await signed('signed file.txt', {
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment; filename="a.txt"',
    });
    const reply = await request(url);
    expect(await reply.body.text()).toBe('for you');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-disposition': 'attachment; filename="a.txt"',
    });
  });

  it('is for that object and that method alone', async () => {
    await Promise.all([s3.put('mine', 'x'), s3.put('other', 'secret')]);
    const url = await signed('mine');
    expect((await request(url.replace('/mine?', '/other?'))).statusCode).toBe(403);
    expect((await request(url, { method: 'DELETE' })).statusCode).toBe(403);
    expect((await request(url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=3000'))).statusCode).toBe(403);
  });
});

describe('a stranger', () => {
  it('gets nothing without credentials, with a wrong secret, or with an unknown key', async () => {
    await s3.put('private', 'secret');
    expect((await request(`${s3.endpoint}/${s3.Bucket}/private`)).statusCode).toBe(403);
    const { accessKeyId } = await s3.client.config.credentials();
    const as = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    const read = new GetObjectCommand({ Bucket: s3.Bucket, Key: 'private' });
    expect(await outcome(as({ accessKeyId, secretAccessKey: 'wrong' }).send(read))).toBe('SignatureDoesNotMatch');
    expect(await outcome(as({ accessKeyId: 'nobody', secretAccessKey: 'wrong' }).send(read))).toBe(
      'InvalidAccessKeyId',
    );
  });
});
