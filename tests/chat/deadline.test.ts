import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { drained } from '../support/drained.js';
import { signUp, type Account, type RestClient } from '../support/rest-client.js';
import type { System } from '../support/system.js';
import { ChatClient, readAll, type StreamEvent } from './chat-client.js';
import { SseReply } from './sse-client.js';
import { startStreamingSystem, type ChatSystem } from './chat-system.js';
import type { StreamingProvider } from './streaming-provider.js';

/** Longer than a busy machine takes to load what speaks with the provider. */
const LLM_TIMEOUT_MS = 3_000;

let started: ChatSystem<StreamingProvider>;
let provider: StreamingProvider;
let system: System;
let send: RestClient;
let ana: Account;

beforeAll(async () => {
  started = await startStreamingSystem({ LLM_TIMEOUT_MS: String(LLM_TIMEOUT_MS) });
  ({ provider, system, send } = started);
});
beforeEach(async () => {
  ana = await signUp(send, `${randomUUID()}@example.com`);
  provider.double.calls.length = 0;
});
afterAll(async () => {
  await started?.stop();
});

/** Resolves when the platform has closed the connection of the next call, which says two pieces and no more. */
async function stall(): Promise<void> {
  const answer = await provider.nextAnswer();
  answer.say('Buenos ');
  answer.say('días');
  await answer.left;
}

/** Fails unless an answer ended as one that took too long, with one record, one event and one call of the provider. */
async function expectRecorded(id: string): Promise<void> {
  expect(await system.events(ana.id, 1)).toMatchObject([{ status: 504 }]);
  await drained(system, ['chat']);
  expect(await system.events(ana.id, 1)).toHaveLength(1);
  const records = (await system.keys('chat', 'requests/')).filter((key) => key.endsWith(`${id}/record.json`));
  expect(records).toHaveLength(1);
  const record = await system.json('chat', records[0] ?? '');
  expect(record).toMatchObject({ id, userId: ana.id, status: 504, meta: { error: 'UPSTREAM_TIMEOUT' } });
  expect(Number(record['latencyMs'])).toBeGreaterThanOrEqual(LLM_TIMEOUT_MS);
  expect(provider.double.calls).toHaveLength(1);
}

describe('an answer that is not done by its deadline', () => {
  it('ends over a WebSocket after what was said, as a failed turn, and at the provider', async () => {
    const client = new ChatClient(system.url, ana.token);
    const [events] = await Promise.all([readAll(client.send('late', 'Hola')), stall()]);
    expect(events).toMatchObject([
      { seq: 1, delta: 'Buenos ', message: null },
      { seq: 2, delta: 'días', message: null },
      { seq: 3, delta: '', message: { status: 504, error: 'UPSTREAM_TIMEOUT', assistantMessage: null } },
    ]);
    const { id } = events[0] as StreamEvent;
    await expectRecorded(id);
    expect(await readAll(client.join(id, 0))).toEqual(events);
    await client.close();
  });

  it('ends over server-sent events after what was said, as a problem, and at the provider', async () => {
    const json = { sessionId: 'late', messages: [{ role: 'user', content: 'Hola' }] };
    const opening = SseReply.open(system.url, 'POST /chat/message', { token: ana.token, json });
    const left = stall();
    const events = await (await opening).rest();
    await left;
    const id = String(events[0]?.data['id']);
    expect(events).toMatchObject([
      { id: `${id}:1`, event: 'delta', data: { seq: 1, delta: 'Buenos ' } },
      { id: `${id}:2`, event: 'delta', data: { seq: 2, delta: 'días' } },
      { id: `${id}:end`, event: 'error', data: { status: 504, code: 'UPSTREAM_TIMEOUT' } },
    ]);
    await expectRecorded(id);
  });
});
