import { S3ObjectStore, type S3Settings } from '#shared/history/store/s3-object-store.js';
import { bucketOf, DEFAULT_BUCKET_PATTERN } from '../../infra/provision/bucket-names.js';

export interface LlmTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MESSAGES = [{ role: 'user', content: 'How are you?' }];

export function upstreamTarget(baseUrl: string): LlmTarget {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'double-1', messages: MESSAGES }),
  };
}

export function portkeyTarget(port: number, upstream: string): LlmTarget {
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer key',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstream,
    },
    body: JSON.stringify({ model: 'double-1', messages: MESSAGES }),
  };
}

/** Signs up a user, whose conversation does not grow: each message is the first of a session of its own. */
export async function platformTarget(url: string): Promise<LlmTarget & { fresh(): LlmTarget }> {
  const reply = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.com', password: 'secret123' }),
  });
  const { accessToken } = (await reply.json()) as { accessToken: string };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  let sessions = 0;
  const fresh = (): LlmTarget => {
    sessions += 1;
    const body = JSON.stringify({ sessionId: `bench-${sessions}`, messages: MESSAGES });
    return { url: `${url}/chat/message`, headers, body };
  };
  return { ...fresh(), fresh };
}

/** Milliseconds of one request, its answer read. Throws an Error for any answer but 200. */
export async function once({ url, headers, body }: LlmTarget): Promise<{ ms: number; text: string }> {
  const startedAt = performance.now();
  const reply = await fetch(url, { method: 'POST', headers, body });
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`${new URL(url).pathname} answered ${reply.status}: ${text.slice(0, 300)}`);
  return { ms: performance.now() - startedAt, text };
}

/** Milliseconds of small durable writes to the embedded store, one after the other, as the services make them. */
export async function storeWrites(access: Omit<S3Settings, 'bucket'>, times: number): Promise<number[]> {
  const store = new S3ObjectStore({ ...access, bucket: bucketOf(DEFAULT_BUCKET_PATTERN, 'chat') });
  const taken: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const startedAt = performance.now();
    await store.put(`bench/${at}.json`, Buffer.from('{"a":1}'), { contentType: 'application/json', create: true });
    taken.push(performance.now() - startedAt);
  }
  await store.close();
  return taken;
}
