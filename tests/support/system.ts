import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { MongoClient, type Document } from 'mongodb';
import { startPlatform, type Platform } from '../../infra/local/platform.js';
import { silentProgress } from '../../infra/local/progress.js';
import { platformSettings } from './platform-settings.js';
import { temporaryFolder } from './temporary-folder.js';

/** The whole platform as `npm start` runs it, on data of its own, with a look into its stores. */
export interface System {
  readonly url: string;
  readonly platform: Platform;
  /** Keys of a service's bucket, in order. */
  keys(service: string, prefix?: string): Promise<string[]>;
  object(service: string, key: string): Promise<Buffer>;
  json<T = Record<string, unknown>>(service: string, key: string): Promise<T>;
  /** Event documents of a user, once there are `count` of them. */
  events(userId: string, count: number): Promise<Document[]>;
  stop(): Promise<void>;
}

const EVENTS_WITHIN_MS = 60_000;

export async function startSystem(env: Record<string, string> = {}): Promise<System> {
  const folder = await temporaryFolder('system');
  const settings = platformSettings(folder.path, env);
  const platform = await startPlatform(settings, silentProgress);
  const { endpoint, region, accessKeyId, secretAccessKey } = platform.engines.s3;
  const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const mongo = await MongoClient.connect(platform.engines.mongoUrl);
  const events = mongo.db('analytics').collection('events');

  async function object(service: string, Key: string): Promise<Buffer> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: `llmhist-${service}-dev`, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }
  return {
    url: platform.url,
    platform,
    object,
    async keys(service, Prefix) {
      const listed = await s3.send(
        new ListObjectsV2Command({ Bucket: `llmhist-${service}-dev`, ...(Prefix === undefined ? {} : { Prefix }) }),
      );
      return (listed.Contents ?? []).map(({ Key }) => Key ?? '');
    },
    json: async (service, key) => JSON.parse((await object(service, key)).toString('utf8')),
    async events(userId, count) {
      // Events follow the reply: they are looked for until they are there, and the test fails by what it then sees.
      const until = Date.now() + EVENTS_WITHIN_MS;
      for (;;) {
        const found = await events.find({ userId }).sort({ ts: 1 }).toArray();
        if (found.length >= count || Date.now() > until) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      s3.destroy();
      await mongo.close();
      await platform.stop();
      await folder.remove();
    },
  };
}
