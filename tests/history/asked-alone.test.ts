import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxEntry } from '#shared/history/history.port.js';
import { CHAT, IMAGE, SUMMARIZE } from '../support/definitions.js';
import { eventually } from '../support/eventually.js';
import { sendGraphql } from '../support/graphql-client.js';
import { startLlm, type LlmDefinition } from '../support/llm-subgraph.js';
import { fails, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';

const SUBGRAPHS: [service: string, definition: LlmDefinition, query: string][] = [
  ['image', IMAGE, 'mutation { generateImage(input: { prompt: "a lighthouse", size: "64x64" }) { id } }'],
  ['summarize', SUMMARIZE, 'mutation { summarize(input: { text: "A long story.", length: short }) { id } }'],
  [
    'chat',
    CHAT,
    'mutation { sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "Hola" }] }) { id } }',
  ],
];

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

describe.each(SUBGRAPHS)(
  'what %s tells of a request under way, for others to close it by',
  (_name, definition, query) => {
    it.each([
      ['openai-compatible', true],
      ['openai-compatible,local', false],
    ])('says of the providers %s whether the first is the only one: %s', async (providers, isAlone) => {
      const held = Promise.withResolvers<() => unknown>();
      double.respond = (...call) => held.resolve(() => fails(400)(...call));
      const own = { LLM_PROVIDERS: providers, LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'm', LLM_IMAGE_MODEL: 'm' };
      const llm = await startLlm(definition, { ...own, LLM_MAX_RETRIES: '0' });
      try {
        const answered = sendGraphql(llm.url, { query, token: llm.newAccount().token });
        const answer = await held.promise;
        await eventually('it is announced', async () => (await llm.keys('outbox/')).length > 0);
        const [key = ''] = await llm.keys('outbox/');
        const { request } = await llm.json<OutboxEntry>(key);
        expect(request?.asked).toEqual({ provider: 'openai-compatible', model: 'm', isAlone });
        answer();
        await answered;
      } finally {
        await llm.stop();
      }
    });
  },
);
