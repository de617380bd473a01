import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restClient, signUp, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';
import { RawClient } from './websocket-client.js';

let system: System;
let send: RestClient;

beforeAll(async () => {
  system = await startSystem({ ACCESS_TTL: '2s', REVOCATION_LAG: '1s' });
  send = restClient(system.url);
});
afterAll(() => system?.stop());

describe('a socket whose token expires', () => {
  it('is closed, and its client may come back with a new one', async () => {
    const { token, refreshToken } = await signUp(send, 'ana@example.com');
    const client = await RawClient.signedIn(system.url, token);
    expect(await client.closed).toEqual({ code: 4403, reason: 'Session ended' });
    expect((await send('GET /users/me', { token })).status).toBe(401);
    const refreshed = await send<{ accessToken: string }>('POST /auth/refresh', { json: { refreshToken } });
    await (await RawClient.signedIn(system.url, refreshed.body.accessToken)).close();
  });
});
