import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { createTokenVerifier } from '#shared/context/token-verifier.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import { openHistory, type OpenedHistory } from '#shared/history/open-history.js';
import { createLogger } from '#shared/logging/logger.js';
import { Lifecycle } from '#shared/server/lifecycle.js';
import { jsonAnswer, startAnalyticsDouble, type AnalyticsDouble } from '../support/analytics-double.js';
import { openEmbeddedStore, type EmbeddedObjectStore } from './embedded-object-store.js';
import { producedOf, requestOf } from '../support/history-under-test.js';

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };
const keys = await createKeyPair();

let embedded: EmbeddedObjectStore;
let analytics: AnalyticsDouble;
beforeEach(async () => {
  embedded = await openEmbeddedStore();
  analytics = await startAnalyticsDouble();
});
afterEach(async () => {
  await analytics.close();
  await embedded.stop();
});

function open(): OpenedHistory & { close(): Promise<void> } {
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = embedded.settings;
  const log = createLogger({ level: 'silent', service: 'image' });
  const life = new Lifecycle(log);
  const config = {
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: accessKeyId,
    S3_SECRET_KEY: secretAccessKey,
    S3_REGION: region,
    S3_BUCKET: bucket,
    ANALYTICS_URL: analytics.url,
    SERVICE_PRIVATE_KEY: keys.privateKey,
    LLM_TIMEOUT_MS: 60_000,
    PROMPT_STORAGE: 'plain' as const,
  };
  const defer = life.defer.bind(life);
  return { ...openHistory({ service: 'image', config, rules: RULES, log, defer }), close: () => life.close() };
}

const delivered = (): string[] =>
  analytics.received.flatMap(({ body }) => {
    const { variables } = JSON.parse(body) as { variables: { events: { id: string }[] } };
    return variables.events.map(({ id }) => id);
  });

describe('a history of its settings', () => {
  it('settles what it was handed before it lets go of the store and of analytics', async () => {
    const { history, close } = open();
    const { id, userId } = await history.run(requestOf(), async () => producedOf());
    await close();
    expect(delivered()).toEqual([eventIdOf(id)]);
    expect(await embedded.store.list('outbox/', { limit: 10 })).toEqual([]);
    expect(await embedded.store.list(`users/${userId}/image/history/`, { limit: 10 })).toHaveLength(1);
  });

  it('delivers as the service, with a token that others can check', async () => {
    const { history, close } = open();
    await history.run(requestOf(), async () => producedOf());
    await close();
    const verify = createTokenVerifier({ accessKeys: keys.publicKey, serviceKeys: keys.publicKey }, RULES);
    const token = analytics.received[0]?.headers.authorization?.replace('Bearer ', '');
    expect(verify(token ?? '')).toEqual({ kind: 'service', name: 'image' });
  });

  it('finishes at its start what the process before it left', async () => {
    analytics.answer = jsonAnswer({ errors: [{ message: 'no' }] }, 500);
    const before = open();
    const { id } = await before.history.run(requestOf(), async () => producedOf());
    await before.close();
    expect(await embedded.store.list('outbox/', { limit: 10 })).toEqual([`outbox/${id}.json`]);

    const accepted = new Promise<void>((resolve) => {
      analytics.onRequest = resolve;
    });
    analytics.answer = jsonAnswer({ data: { recordEvents: 1 } });
    const after = open();
    await accepted;
    await after.close();
    expect(delivered().at(-1)).toBe(eventIdOf(id));
    expect(await embedded.store.list('outbox/', { limit: 10 })).toEqual([]);
  });
});
