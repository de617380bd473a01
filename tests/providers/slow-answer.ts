import type { ServerResponse } from 'node:http';
import { expect, jest } from '@jest/globals';
import type { BoundedFetch } from '#shared/llm/providers/bounded-fetch.js';
import type { ProviderDouble } from '../support/provider-double.js';

/** The longest that LLM_TIMEOUT_MS may be, and more than the 300 s that HTTP clients wait by themselves. */
const TEN_MINUTES_MS = 600_000;

/** Holds the timers of a client that has yet to begin; servers and their connections keep their time. */
export function holdClientTimers(): void {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
  });
}

/** Fails unless an answer that begins after ten minutes, and ends after ten more, is waited for. Timers are held. */
export async function expectPatience(double: ProviderDouble, ask: BoundedFetch, url: string): Promise<void> {
  const asked = Promise.withResolvers<ServerResponse>();
  double.respond = (_call, response) => asked.resolve(response);
  const answer = ask(url, { signal: new AbortController().signal });
  const server = await asked.promise;
  await jest.advanceTimersByTimeAsync(TEN_MINUTES_MS);
  server.writeHead(200, { 'content-type': 'application/json' }).write('{"late":');
  const text = (await answer).text();
  await jest.advanceTimersByTimeAsync(TEN_MINUTES_MS);
  server.end('true}');
  expect(await text).toBe('{"late":true}');
}
