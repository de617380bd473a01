import type { ObjectStoreAccess } from '../../infra/provision/buckets.js';
import { anyFreePort } from '../../infra/local/ports.js';
import { createKeyPair } from '../../infra/secrets/key-pair.js';
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
 * and the other subgraphs answered from memory. Nobody is waited for who has left.
 */
export async function startStreamingPlatform(children: Children): Promise<StreamingPlatform> {
  const program = (name: string): URL => new URL(name, import.meta.url);
  const provider = children.start(program('./provider-double.js'));
  const [llmUrl, urls, store, { token, publicKey }, service] = await Promise.all([
    provider.firstMessage<string>(),
    children.start(program('../support/subgraph-double.js')).firstMessage<SubgraphUrls>(),
    children.start(program('./object-store.js'), { BUCKET }).firstMessage<ObjectStoreAccess>(),
    createAccessToken(),
    createKeyPair(),
  ]);
  const common = { JWT_PUBLIC_KEY: publicKey, AUTH_URL: urls.auth, ANALYTICS_URL: urls.analytics };
  const chatPort = await anyFreePort();
  const chatUrl = `http://127.0.0.1:${chatPort}`;
  children.start(program('../../subgraphs/chat/main.js'), {
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
  const port = await anyFreePort(new Set([chatPort]));
  const supergraphUrl = `http://127.0.0.1:${port}`;
  children.start(program('../../supergraph/main.js'), {
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

/** Resident memory of a process of the platform, in bytes, by its own word. */
export async function residentBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]);
}
