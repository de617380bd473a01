import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bucket, isFolder } from './bucket.js';
import { syncFolder } from './journal.js';
import { S3Error } from './s3-error.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; none of these can leave a folder. */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

/** All buckets, each a folder of the data folder. */
export class BucketFolder {
  readonly #buckets = new Map<string, Bucket>();

  private constructor(private readonly dataDir: string) {}

  static async open(dataDir: string): Promise<BucketFolder> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const folder = new BucketFolder(dataDir);
    for (const name of await readdir(dataDir)) {
      if (BUCKET_NAME.test(name) && (await isFolder(join(dataDir, name)))) {
        folder.#buckets.set(name, await Bucket.open(join(dataDir, name)));
      }
    }
    return folder;
  }

  names(): string[] {
    return [...this.#buckets.keys()].toSorted();
  }

  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
    return bucket;
  }

  async create(name: string): Promise<void> {
    if (!BUCKET_NAME.test(name)) throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
    if (this.#buckets.has(name)) {
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    const bucket = await Bucket.open(join(this.dataDir, name));
    await syncFolder(this.dataDir);
    this.#buckets.set(name, bucket);
  }

  async delete(name: string): Promise<void> {
    const bucket = this.get(name);
    if (!bucket.isEmpty) throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty');
    this.#buckets.delete(name);
    await bucket.close();
    await rm(join(this.dataDir, name), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#buckets.values()].map((bucket) => bucket.close()));
  }
}
