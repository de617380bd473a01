import { afterAll, afterEach, beforeAll, beforeEach, describe, it, jest } from '@jest/globals';
import { createBoundedFetch } from '#shared/llm/providers/bounded-fetch.js';
import { startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { expectPatience, holdClientTimers } from './slow-answer.js';

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => {
  double.reset();
  holdClientTimers();
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => double?.close());

describe('a request to a provider', () => {
  it('waits for its answer, and for the rest of it, as long as its signal lets it', async () => {
    await expectPatience(double, createBoundedFetch({ maxBytes: 1_000 }), `${double.origin}/slow`);
  });
});
