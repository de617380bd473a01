import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createBoundedFetch } from '#shared/llm/providers/bounded-fetch.js';
import { startProviderDouble, type ProviderDouble } from '../support/provider-double.js';

/** The longest that LLM_TIMEOUT_MS may be, and more than the 300 s that HTTP clients wait by themselves. */
const TEN_MINUTES_MS = 600_000;

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => {
  double.reset();
  // The client's own timers are held; the server and its connections keep their time.
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
  });
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => double?.close());

describe('a request to a provider', () => {
  it('waits for its answer, and for the rest of it, as long as its signal lets it', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    double.respond = (_call, response) => asked.resolve(response);
    const boundedFetch = createBoundedFetch({ maxBytes: 1_000 });
    const answer = boundedFetch(`${double.origin}/slow`, { signal: new AbortController().signal });
    const server = await asked.promise;
    await jest.advanceTimersByTimeAsync(TEN_MINUTES_MS);
    server.writeHead(200, { 'content-type': 'application/json' }).write('{"late":');
    const text = (await answer).text();
    await jest.advanceTimersByTimeAsync(TEN_MINUTES_MS);
    server.end('true}');
    expect(await text).toBe('{"late":true}');
  });
});
