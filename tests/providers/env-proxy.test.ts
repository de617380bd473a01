import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BoundedFetch } from '#shared/llm/providers/bounded-fetch.js';
import { startForwardProxy, type ForwardProxy } from '../support/forward-proxy.js';
import { says, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { expectPatience, holdClientTimers } from './slow-answer.js';

const never = new AbortController().signal;

let double: ProviderDouble;
let proxy: ForwardProxy;
let ask: BoundedFetch;

beforeAll(async () => {
  double = await startProviderDouble();
  proxy = await startForwardProxy(Number(new URL(double.origin).port));
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) delete process.env[name];
  const { url } = proxy;
  Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '127.0.0.1' });
  // Now: the client goes on with the kind of timer that it began with.
  holdClientTimers();
  // It looks at the environment once, when it is loaded.
  const { createBoundedFetch } = await import('#shared/llm/providers/bounded-fetch.js');
  ask = createBoundedFetch({ maxBytes: 10_000 });
});
beforeEach(() => {
  double.reset();
  proxy.asked.length = 0;
});
afterAll(() => {
  jest.useRealTimers();
  proxy?.close();
  double?.close();
});

describe('a request to a provider where NODE_USE_ENV_PROXY is 1', () => {
  it('goes through HTTP_PROXY', async () => {
    double.respond = says('Hola');
    const answer = await ask('http://provider.example/v1/models', { method: 'POST', body: '{}', signal: never });
    expect(await answer.text()).toContain('Hola');
    expect(proxy.asked).toEqual(['POST http://provider.example/v1/models']);
  });

  it('goes through HTTPS_PROXY by a tunnel', async () => {
    await expect(ask('https://provider.example/v1/models', { signal: never })).rejects.toThrow();
    expect(proxy.asked).toEqual(['CONNECT provider.example:443']);
  });

  it('goes straight to what NO_PROXY names', async () => {
    double.respond = says('Hola');
    const answer = await ask(`${double.baseUrl}/models`, { method: 'POST', body: '{}', signal: never });
    expect(await answer.text()).toContain('Hola');
    expect(proxy.asked).toEqual([]);
  });

  it('waits for its answer, and for the rest of it, as long as its signal lets it', async () => {
    await expectPatience(double, ask, 'http://provider.example/slow');
  });
});
