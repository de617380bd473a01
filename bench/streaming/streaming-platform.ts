import type { ObjectStoreAccess } from '../../infra/provision/buckets.js';
import { anyFreePort } from '../../infra/local/ports.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { createAccessToken } from '../support/access-token.js';
import type { ChildProgram } from '../support/child-program.js';
import type { SubgraphUrls } from '../support/subgraph-urls.js';
import { NO_LIMIT, type Children } from '../support/supergraph-under-load.js';

/** What is measured, and the provider that it asks. */
export interface StreamingPlatform {
  readonly supergraphUrl: string;
  readonly chatUrl: string;
  readonly token: string;
  readonly provider: ChildProgram;
}

const BUCKET = 'llmhist-chat-bench';
const READY_WITHIN_MS = 20_000;

/**
 * The platform's supergraph and chat service as they run in production, before the embedded store, a provider that only sends,
 * and the other subgraphs answered from memory; on Redis where its URL is given. Nobody is waited for who has left, or on Redis for
 * half a second.
 */
export async function startStreamingPlatform(children: Children, redisUrl?: string): Promise<StreamingPlatform> {
  const provider = children.start(new URL('./provider-double.js', import.meta.url));
  const [llmUrl, urls, store, { token, publicKey }, service] = await Promise.all([
    provider.firstMessage<string>(),
    children.start(new URL('../support/subgraph-double.js', import.meta.url)).firstMessage<SubgraphUrls>(),
    children.start(new URL('./object-store.js', import.meta.url), { BUCKET }).firstMessage<ObjectStoreAccess>(),
    createAccessToken(),
    createKeyPair(),
  ]);
  const shared = redisUrl === undefined ? {} : { REDIS_URL: redisUrl };
  const common = { JWT_PUBLIC_KEY: publicKey, AUTH_URL: urls.auth, ANALYTICS_URL: urls.analytics, ...shared };
  const chatPort = await anyFreePort();
  const chatUrl = `http://127.0.0.1:${chatPort}`;
  children.start(new URL('../../subgraphs/chat/main.js', import.meta.url), {
    ...common,
    PORT: String(chatPort),
    S3_ENDPOINT: store.endpoint,
    S3_ACCESS_KEY: store.accessKeyId,
    S3_SECRET_KEY: store.secretAccessKey,
    S3_BUCKET: BUCKET,
    SERVICE_PRIVATE_KEY: service.privateKey,
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: llmUrl,
    LLM_MODEL: 'double-1',
    STREAM_LINGER: '0s',
  });
  const port = await anyFreePort();
  const supergraphUrl = `http://127.0.0.1:${port}`;
  children.start(new URL('../../supergraph/main.js', import.meta.url), {
    ...common,
    PORT: String(port),
    IMAGE_URL: urls.image,
    SUM_URL: urls.summarize,
    CHAT_URL: chatUrl,
    RATE_LIMIT_PER_MIN: NO_LIMIT,
    WS_SOCKETS_PER_USER: '10000',
  });
  for (const url of [chatUrl, supergraphUrl]) await untilAlive(url);
  return { supergraphUrl, chatUrl, token, provider };
}

async function untilAlive(url: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const reply = await fetch(`${url}/healthz`).catch(() => null);
    await reply?.arrayBuffer();
    if (reply?.ok) return;
    if (Date.now() > until) throw new Error(`${url} does not answer.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a process of the platform has used up to now, by its own word. */
export interface Use {
  readonly residentBytes: number;
  readonly cpuMs: number;
}

export async function useOf(url: string): Promise<Use> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string): number => Number(new RegExp(`^${name}\\S* (\\S+)`, 'm').exec(text)?.[1]);
  return {
    residentBytes: figure('process_resident_memory_bytes'),
    cpuMs: figure('process_cpu_seconds_total') * 1000,
  };
}
