import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlData } from '../support/graphql-client.js';
import type { Account } from '../support/rest-client.js';
import type { System } from '../support/system.js';
import { ChatClient, readAll, type StreamEvent } from './chat-client.js';
import { startStreamingSystem, type ChatSystem } from './chat-system.js';
import type { StreamingProvider } from './streaming-provider.js';

let started: ChatSystem<StreamingProvider>;
let provider: StreamingProvider;
let system: System;
let ana: Account;
let client: ChatClient;

beforeAll(async () => {
  started = await startStreamingSystem({ PROMPT_STORAGE: 'hash' });
  ({ provider, system, ana } = started);
  client = new ChatClient(system.url, ana.token);
});
afterAll(async () => {
  await client?.close();
  await started?.stop();
});

describe('a stream under PROMPT_STORAGE=hash', () => {
  it('ends with the whole answer, for who reads it late too, while the record never has it', async () => {
    const events = client.send('hashed', 'Hola');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('Buenos ');
    const { id } = (await first).value as StreamEvent;
    answer.say('días');
    answer.finish();
    const whole = { status: 200, assistantMessage: { role: 'assistant', content: 'Buenos días' } };
    expect((await readAll(events)).at(-1)?.message).toMatchObject(whole);
    expect((await readAll(client.join(id, 1))).at(-1)?.message).toMatchObject(whole);
    const query = 'query ($id: ID!) { chatRecord(id: $id) { status assistantMessage { content } } }';
    const later = await graphqlData(system.url, { query, variables: { id }, token: ana.token });
    expect(later).toEqual({ chatRecord: { status: 200, assistantMessage: null } });
  });
});
