import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventDigest } from '../../infra/history/event-digest.js';
import { reindexHistory } from '../../infra/history/reindex.js';
import { verifyHistory } from '../../infra/history/verify.js';
import { policyReasons, servicePolicy, type Policy } from '../../infra/provision/service-policy.js';
import { AppError } from '#shared/errors/app-error.js';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { LlmService } from '#shared/history/history.port.js';
import { newIdentity, outboxKey } from '#shared/history/keys.js';
import { ConditionalStore } from '#shared/history/store/conditional-store.js';
import { ForwardingStore } from '#shared/history/store/forwarding-store.js';
import type { DownloadTerms, ObjectStore, PutOptions, StoredObject } from '#shared/history/store/object-store.port.js';
import { createLogger } from '#shared/logging/logger.js';
import { CALLER, openChat } from '../support/chat-in-memory.js';
import {
  MemorySink,
  NOW,
  openReplica,
  producedOf,
  recordOf,
  requestOf,
  USER_ID,
} from '../support/history-under-test.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';

const BUCKET = 'llmhist-test';
const ARN = `arn:aws:s3:::${BUCKET}`;
const log = createLogger({ level: 'silent', service: 'test' });
const now = (): Date => NOW;

/** A store that refuses what a policy does not allow, as S3 does, and writes down what of the policy was needed. */
class PolicedStore extends ForwardingStore {
  readonly refused: string[] = [];
  readonly needed = new Set<string>();

  constructor(
    inner: ObjectStore,
    private readonly policy: Policy,
  ) {
    super(inner);
  }

  override async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    this.#require('s3:PutObject', key);
    if (options.tags) this.#require('s3:PutObjectTagging', key);
    if (options.ifMatch !== undefined) this.#require('s3:GetObject', key);
    return super.put(key, bytes, options);
  }

  override async get(key: string): Promise<StoredObject | null> {
    this.#require('s3:GetObject', key);
    const found = await super.get(key);
    // Without it S3 answers 403 instead of 404.
    if (!found) this.#require('s3:ListBucket');
    return found;
  }

  override async delete(key: string): Promise<void> {
    this.#require('s3:DeleteObject', key);
    await super.delete(key);
  }

  override async deleteAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#require('s3:DeleteObject', key);
    await super.deleteAll(keys);
  }

  override async list(prefix: string, options: { limit: number; startAfter?: string }): Promise<readonly string[]> {
    this.#require('s3:ListBucket');
    return super.list(prefix, options);
  }

  override async signedUrl(key: string, terms: DownloadTerms): Promise<string> {
    this.#require('s3:GetObject', key);
    return super.signedUrl(key, terms);
  }

  override async ping(): Promise<void> {
    this.#require('s3:ListBucket');
    await super.ping();
  }

  #require(action: string, key?: string): void {
    const resource = key === undefined ? ARN : `${ARN}/${key}`;
    const grants = this.policy.Statement.filter(({ Action }) => Action === action)
      .flatMap(({ Resource }) => Resource)
      .filter((pattern) => matches(pattern, resource));
    for (const grant of grants) this.needed.add(`${action} ${grant}`);
    if (grants.length > 0) return;
    this.refused.push(`${action} ${resource}`);
    throw new AppError('SERVICE_UNAVAILABLE', 'The history store is not available.');
  }
}

function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(resource);
}

/** A store that ignores conditions, so that writers take turns by leases. */
class LawlessStore extends MemoryObjectStore {
  override put(key: string, bytes: Uint8Array, { contentType, tags }: PutOptions): Promise<boolean> {
    return super.put(key, bytes, { contentType, ...(tags && { tags }) });
  }
}

const keyed = () => ({ key: randomUUID(), body: { prompt: 'a' }, signal: new AbortController().signal });

/** All that a service does with its bucket, and what the commands of `infra/history` do. */
async function useOf(policed: PolicedStore, service: LlmService): Promise<void> {
  const store = new ConditionalStore(policed, log, { settleMs: 20 });
  const events = new MemorySink();
  const { history, relay, index } = openReplica({ store, events, service });
  await store.ping();
  const idempotency = keyed();
  const { id, artifacts } = await history.run(requestOf({ idempotency }), async () => producedOf());
  await history.run(requestOf({ idempotency }), async () => producedOf());
  const failing = history.run(requestOf(), () => Promise.reject(new AppError('UPSTREAM_ERROR', 'It failed.')));
  await failing.catch(() => undefined);
  if (service === 'chat') await converse(store, events);
  for (const stray of [newIdentity(new Date(0)).id, 'stray'])
    await store.put(outboxKey(stray), Buffer.from('{}'), { contentType: 'application/json' });
  await relay.sweep();
  await relay.stop();
  await history.find(id);
  await history.list(USER_ID, { first: 10 });
  const terms = { expiresInSec: 300, contentType: 'image/png', filename: 'a.png' };
  for (const key of Object.values(artifacts)) await history.signedUrl(key, terms);
  await index.append(recordOf(newIdentity(NOW).id, { service }));
  const isPastTtl = (): boolean => false;
  await reindexHistory({ service, store, events, isPastTtl, log });
  const recorded = async (): Promise<Map<string, string>> =>
    new Map([...events.events].map(([eventId, event]) => [eventId, eventDigest(event)]));
  const found = await verifyHistory({ service, store, events: recorded, isPastTtl, now });
  expect(found.faults).toEqual([]);
}

/** Turns of a conversation, of which one is said again by its key, and what is made of them. */
async function converse(store: ObjectStore, events: MemorySink): Promise<void> {
  const { say, sessions, demo, relay } = openChat(store, { events });
  await say('Hola');
  for (const key of ['again', 'again']) await say('¿Qué tal?', key);
  await sessions.create(CALLER, 'Plans');
  expect((await sessions.list(USER_ID, { first: 10 })).sessions).toHaveLength(2);
  await sessions.keys((await demo()).storageId);
  await relay.stop();
}

describe.each(LLM_SERVICES)('the policy of the %s service', (service) => {
  const policy = servicePolicy(service, BUCKET);

  it('allows all that the service and the commands do with the bucket, and nothing that they do not', async () => {
    const needed: string[] = [];
    for (const inner of [new MemoryObjectStore(), new LawlessStore()]) {
      const policed = new PolicedStore(inner, policy);
      await useOf(policed, service);
      expect(policed.refused).toEqual([]);
      needed.push(...policed.needed);
    }
    const granted = policy.Statement.flatMap(({ Action, Resource }) => Resource.map((arn) => `${Action} ${arn}`));
    expect([...new Set(needed)].toSorted()).toEqual(granted.toSorted());
  });

  it('says of each prefix why', () => {
    const named = policyReasons(service).join('\n');
    for (const { Resource } of policy.Statement) {
      for (const arn of Resource) expect(named).toContain(arn === ARN ? 'ListBucket' : arn.slice(ARN.length + 1));
    }
  });
});

describe('the minimal policy of the original specification', () => {
  it('is too little: a picture could not be kept', async () => {
    const policy: Policy = {
      ...servicePolicy('image', BUCKET),
      Statement: servicePolicy('image', BUCKET)
        .Statement.filter(({ Sid }) => ['PutObject', 'GetObject', 'ListBucket'].includes(Sid))
        .map((statement) => (statement.Sid === 'ListBucket' ? statement : { ...statement, Resource: [`${ARN}/*`] })),
    };
    const policed = new PolicedStore(new MemoryObjectStore(), policy);
    const { history, relay } = openReplica({ store: policed });
    await expect(history.run(requestOf(), async () => producedOf())).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    await relay.stop();
    expect(policed.refused).toContainEqual(expect.stringContaining('s3:PutObjectTagging'));
  });
});
