import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signUp, type Account, type RestClient } from '../support/rest-client.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import type { System } from '../support/system.js';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { startStreamingSystem, type ChatSystem } from './chat-system.js';
import type { StreamingProvider } from './streaming-provider.js';

let started: ChatSystem<StreamingProvider>;
let provider: StreamingProvider;
let system: System;
let send: RestClient;
let ana: Account;
let client: ChatClient;

beforeAll(async () => {
  started = await startStreamingSystem();
  ({ provider, system, send, ana } = started);
  client = new ChatClient(system.url, ana.token);
});
afterAll(async () => {
  await client?.close();
  await started?.stop();
});

async function next(events: AsyncIterator<StreamEvent, void>): Promise<StreamEvent> {
  const { value } = await events.next();
  if (!value) throw new Error('the stream has ended');
  return value;
}

describe('subscription chat', () => {
  it('brings each piece while the provider is still at it, then the turn with what three services know of it', async () => {
    const events = client.send('live', 'Hola');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('Buenos ');
    expect((await first).value).toMatchObject({ seq: 1, delta: 'Buenos ', message: null });
    answer.say('días');
    expect(await next(events)).toMatchObject({ seq: 2, delta: 'días' });
    answer.finish();
    const last = await next(events);
    expect(last).toMatchObject({
      seq: 3,
      delta: '',
      message: {
        status: 200,
        provider: expect.any(String),
        model: 'double-1',
        assistantMessage: { role: 'assistant', content: 'Buenos días' },
        tokens: { in: 11, out: 7 },
        outputUrl: expect.stringContaining('http'),
        owner: { email: 'ana@example.com' },
      },
    });
    expect((await events.next()).done).toBe(true);
    expect((await system.events(ana.id, 1)).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('tells its id before the model has said anything, so that it can be joined and stopped', async () => {
    const events = client.sendAnnounced('announced', 'Buenas');
    const { id, ...begun } = await next(events);
    expect(begun).toEqual({ seq: 0, delta: '', message: null });
    const answer = await provider.nextAnswer();
    const joined = readAll(client.join(id, 0));
    answer.say('Buenos días');
    expect(await next(events)).toMatchObject({ id, seq: 1, delta: 'Buenos días' });
    const query = 'mutation ($id: ID!) { stopChatMessage(id: $id) }';
    await graphqlData(system.url, { query, variables: { id }, token: ana.token });
    expect(textOf(await joined)).toBe('Buenos días');
    expect((await readAll(events)).at(-1)).toMatchObject({ seq: 2, message: { status: 200 } });
  });

  it('is joined by whoever sends it again with its key before the model has said anything', async () => {
    const key = 'the-same-key';
    const broken = new ChatClient(system.url, ana.token);
    const { id } = await next(broken.sendAnnounced('keyed', 'Buenas', key));
    const answer = await provider.nextAnswer();
    await broken.cut();
    const events = client.sendAnnounced('keyed', 'Buenas', key);
    expect(await next(events)).toMatchObject({ id, seq: 0 });
    answer.say('Una vez');
    expect(await next(events)).toMatchObject({ id, seq: 1, delta: 'Una vez' });
    answer.finish();
    expect((await readAll(events)).at(-1)).toMatchObject({ id, message: { status: 200 } });
    await broken.close();
  });

  it('goes on after a broken line: joined again after the last piece seen, none is missing and none comes twice', async () => {
    const broken = new ChatClient(system.url, ana.token);
    const events = broken.send('broken', 'Cuenta');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('uno ');
    const seen = [(await first).value as StreamEvent];
    answer.say('dos ');
    seen.push(await next(events));
    const failed = events.next().catch((error: unknown) => error);
    await broken.cut();
    await failed;
    answer.say('tres ');
    const joined = client.join(seen[0]?.id ?? '', seen.at(-1)?.seq ?? 0);
    seen.push(await next(joined));
    answer.say('cuatro');
    answer.finish();
    seen.push(...(await readAll(joined)));
    expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(textOf(seen)).toBe('uno dos tres cuatro');
    expect(seen.at(-1)?.message?.assistantMessage?.content).toBe('uno dos tres cuatro');
    await broken.close();
  });

  it('ends where it is when it is asked to stop, and keeps what was said', async () => {
    const events = client.send('stopped', 'Habla');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('Érase una vez');
    const { id } = (await first).value as StreamEvent;
    const stop = `mutation ($id: ID!) { stopChatMessage(id: $id) }`;
    expect(await graphqlData(system.url, { query: stop, variables: { id }, token: ana.token })).toEqual({
      stopChatMessage: true,
    });
    await answer.left;
    const [last] = await readAll(events);
    expect(last?.message).toMatchObject({ status: 200, assistantMessage: { content: 'Érase una vez' } });
    expect(await graphqlData(system.url, { query: stop, variables: { id }, token: ana.token })).toEqual({
      stopChatMessage: false,
    });
  });

  it('ends with a failed turn when the provider breaks off', async () => {
    const events = client.send('failing', 'Hola');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('Pues');
    await first;
    answer.cut();
    const rest = await readAll(events);
    expect(rest.at(-1)?.message).toMatchObject({ status: 502, error: 'UPSTREAM_ERROR', assistantMessage: null });
    expect(provider.double.calls.filter(({ body }) => body.messages?.at(-1)?.content === 'Hola')).toHaveLength(2);
  });

  it('refuses bad input, field by field, before anybody is asked', async () => {
    const calls = provider.double.calls.length;
    await expect(client.send('../x', '').next()).rejects.toThrow(
      /input\.sessionId.*BAD_USER_INPUT|BAD_USER_INPUT.*sessionId/s,
    );
    expect(provider.double.calls).toHaveLength(calls);
  });
});

describe('subscription chatMessage', () => {
  it('of somebody else looks like one that does not exist', async () => {
    const bob = await signUp(send, 'bob@example.com');
    const bobs = new ChatClient(system.url, bob.token);
    const events = client.send('private', 'Hola');
    const first = events.next();
    const answer = await provider.nextAnswer();
    answer.say('secreto');
    const { id } = (await first).value as StreamEvent;
    const refusal = async (asked: string): Promise<string> =>
      bobs
        .join(asked, 0)
        .next()
        .then(
          () => 'accepted',
          (error: Error) => error.message,
        );
    const foreign = await refusal(id);
    expect(foreign).toContain('NOT_FOUND');
    expect(await refusal('0198c0de-0000-7000-8000-000000000000')).toBe(foreign);
    const stop = await sendGraphql(system.url, {
      query: `mutation { stopChatMessage(id: "${id}") }`,
      token: bob.token,
    });
    expect(stop.errors[0]?.extensions.code).toBe('NOT_FOUND');
    answer.finish();
    await readAll(events);
    await bobs.close();
  });
});
