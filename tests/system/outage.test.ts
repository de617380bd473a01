import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { sendGraphql } from '../support/graphql-client.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let send: RestClient;
let ana: Account;

beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  ana = await signUp(send, 'ana@example.com');
  await system.platform.services.get('image')?.kill();
});
afterAll(() => system?.stop());

const ADDRESS = /127\.0\.0\.1|localhost|ECONN|:\d{4,5}\b/;

describe('with the image service dead', () => {
  it('the others still answer through the same door', async () => {
    const summary = await send('POST /summarize', {
      token: ana.token,
      json: { text: 'The sea is wide.', length: 'short' },
    });
    const chat = await send('POST /chat/message', {
      token: ana.token,
      json: { sessionId: 'demo', messages: [{ role: 'user', content: 'Hola' }] },
    });
    const me = await send('GET /users/me', { token: ana.token });
    expect([summary.status, chat.status, me.status]).toEqual([200, 200, 200]);
  });

  it('a route of the dead one answers 503 and names no address', async () => {
    const reply = await send('POST /image/generate', { token: ana.token, json: { prompt: 'a lighthouse' } });
    expect(reply.status).toBe(503);
    expect(reply.body).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(reply.text).not.toMatch(ADDRESS);
  });

  it('a query that needs it in part gets the rest, and one error that names no address', async () => {
    const query = '{ me { email images { edges { cursor } } chatSessions { edges { cursor } } } }';
    const reply = await sendGraphql(system.url, { query, token: ana.token });
    expect(reply.errors.map(({ extensions }) => extensions.code)).toEqual(['SERVICE_UNAVAILABLE']);
    expect(reply.text).not.toMatch(ADDRESS);
    const alone = await sendGraphql(system.url, {
      query: '{ me { email chatSessions { edges { cursor } } } }',
      token: ana.token,
    });
    expect(alone.errors).toEqual([]);
  });

  it('/readyz says which one, /healthz that the door is open', async () => {
    const ready = await send('GET /readyz');
    expect(ready.status).toBe(503);
    expect(ready.body['checks']).toMatchObject({ image: 'failed', auth: 'ok', chat: 'ok' });
    expect(ready.text).not.toMatch(ADDRESS);
    expect((await send('GET /healthz')).status).toBe(200);
  });
});
