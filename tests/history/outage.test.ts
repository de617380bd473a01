import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventIdOf } from '#shared/events/usage-event.js';
import { restClient, signUp, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../system/system.js';
import { drained } from './drained.js';

let system: System;
let send: RestClient;
beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
});
afterAll(() => system?.stop());

describe('the services while analytics is away', () => {
  it('answer all the same, list what they did, and each request is one event once analytics is back', async () => {
    const { id, token } = await signUp(send, 'ada@example.com');
    const ask = (n: number) => {
      const routes: [string, object][] = [
        ['POST /image/generate', { prompt: `un faro ${n}`, size: '64x64' }],
        ['POST /summarize', { text: `Un faro. Dos faros. Número ${n}.` }],
        ['POST /chat/message', { sessionId: `s${n}`, messages: [{ role: 'user', content: 'Hola' }] }],
      ];
      const [route, json] = routes[n % 3]!;
      return send<{ id: string }>(route, { token, json });
    };
    const analytics = system.platform.services.get('analytics')!;
    const replies = await Promise.all(Array.from({ length: 6 }, (_, n) => ask(n)));
    await analytics.stop();
    for (let round = 1; round <= 5; round += 1) {
      replies.push(...(await Promise.all(Array.from({ length: 6 }, (_, n) => ask(round * 6 + n)))));
    }
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    await analytics.start();
    await drained(system);
    const events = await system.events(id, replies.length);
    const expected = replies.map(({ body }) => eventIdOf(body.id)).toSorted();
    expect(events.map(({ _id }) => String(_id)).toSorted()).toEqual(expected);
  });
});
