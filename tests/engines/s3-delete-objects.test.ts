import { createHash } from 'node:crypto';
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openS3, outcome, type S3UnderTest } from './s3-under-test.js';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3?.stop());

describe('DeleteObjects', () => {
  it('deletes what is there of many, and nothing else', async () => {
    await Promise.all(['many/1', 'many/2', 'many/&'].map((key) => s3.put(key, 'x')));
    const Objects = ['many/1', 'many/&', 'many/none'].map((Key) => ({ Key }));
    await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.Bucket, Delete: { Objects } }));
    expect(await s3.keys('many/')).toEqual(['many/2']);
  });

  it.each(['CRC32', 'SHA1', 'SHA256'] as const)('takes a list that is proven by %s', async (ChecksumAlgorithm) => {
    await Promise.all(['sum/1', 'sum/2'].map((key) => s3.put(key, 'x')));
    const Objects = [{ Key: 'sum/1' }, { Key: 'sum/2' }];
    const command = new DeleteObjectsCommand({ Bucket: s3.Bucket, Delete: { Objects }, ChecksumAlgorithm });
    const { Deleted, Errors = [] } = await s3.client.send(command);
    expect(Deleted?.map(({ Key }) => Key).toSorted()).toEqual(['sum/1', 'sum/2']);
    expect(Errors).toEqual([]);
    expect(await s3.keys('sum/')).toEqual([]);
  });

  it('deletes a thousand at once, and says nothing of them where that is asked', async () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `thousand/${at}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => s3.put(key, 'x')));
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const { Deleted = [] } = await s3.client.send(new DeleteObjectsCommand({ Bucket: s3.Bucket, Delete }));
    expect(Deleted).toEqual([]);
    expect(await s3.keys('thousand/')).toEqual([]);
  });

  it.each([
    ['its own', (body: string) => createHash('md5').update(body).digest('base64'), 'ok', []],
    ['that of another list', () => createHash('md5').digest('base64'), 'BadDigest', ['md5/1']],
  ])('deletes many only where the Content-MD5 is %s', async (_name, md5, expected, left) => {
    await s3.put('md5/1', 'x');
    const command = new DeleteObjectsCommand({ Bucket: s3.Bucket, Delete: { Objects: [{ Key: 'md5/1' }] } });
    command.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string>; body: string };
        request.headers['content-md5'] = md5(request.body);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    expect(await outcome(s3.client.send(command))).toBe(expected);
    expect(await s3.keys('md5/')).toEqual(left);
  });
});
