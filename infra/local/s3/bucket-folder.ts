import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bucket } from './bucket.js';
import { syncFolder } from './journal-files.js';
import { S3Error } from './s3-error.js';
import { Turns } from './turns.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; none of these can leave a folder. */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

/** A bucket that is being deleted has such a name, so that a crash leaves no half of one. */
const DELETED = '.deleted-';

/** All buckets, each a folder of the data folder. */
export class BucketFolder {
  readonly #buckets = new Map<string, Bucket>();
  readonly #turns = new Turns();

  private constructor(
    private readonly dataDir: string,
    private readonly checkpointBytes: number | undefined,
  ) {}

  static async open(dataDir: string, checkpointBytes?: number): Promise<BucketFolder> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const folder = new BucketFolder(dataDir, checkpointBytes);
    for (const found of await readdir(dataDir, { withFileTypes: true })) {
      const { name } = found;
      if (name.startsWith(DELETED)) await rm(join(dataDir, name), { recursive: true, force: true });
      else if (BUCKET_NAME.test(name) && found.isDirectory()) folder.#buckets.set(name, await folder.#open(name));
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

  create(name: string): Promise<void> {
    return this.#turns.take(name, () => this.#create(name));
  }

  delete(name: string): Promise<void> {
    return this.#turns.take(name, () => this.#delete(name));
  }

  async #create(name: string): Promise<void> {
    if (!BUCKET_NAME.test(name)) throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
    if (this.#buckets.has(name)) {
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    const bucket = await this.#open(name);
    await syncFolder(this.dataDir);
    this.#buckets.set(name, bucket);
  }

  async #delete(name: string): Promise<void> {
    const bucket = this.get(name);
    if (!bucket.isEmpty) throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty');
    this.#buckets.delete(name);
    await bucket.close();
    const deleted = join(this.dataDir, `${DELETED}${randomUUID()}`);
    await rename(join(this.dataDir, name), deleted);
    await syncFolder(this.dataDir);
    await rm(deleted, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#buckets.values()].map((bucket) => bucket.close()));
  }

  #open(name: string): Promise<Bucket> {
    return Bucket.open(join(this.dataDir, name), this.checkpointBytes);
  }
}
