import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#shared/logging/logger.js';
import { sendGraphql } from '../support/graphql-client.js';
import { CHAT, IMAGE, SUMMARIZE } from '../support/definitions.js';
import { startLlm, type LlmUnderTest } from '../support/llm-subgraph.js';
import { fails, startProviderDouble, type ProviderDouble } from '../support/provider-double.js';

const CASES = [
  {
    coordinate: 'Mutation.generateImage',
    definition: IMAGE,
    query: 'mutation { generateImage(input: { prompt: "a lighthouse", size: "64x64" }) { id } }',
  },
  {
    coordinate: 'Mutation.summarize',
    definition: SUMMARIZE,
    query: 'mutation { summarize(input: { text: "A long story.", length: short }) { id } }',
  },
  {
    coordinate: 'Mutation.sendChatMessage',
    definition: CHAT,
    query:
      'mutation { sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "Hola" }] }) { id } }',
  },
];

let double: ProviderDouble;
let llm: LlmUnderTest;
let lines: Record<string, unknown>[];
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => {
  lines = [];
});
afterEach(() => llm?.stop());
afterAll(() => double?.close());

describe.each(CASES)('$coordinate', ({ definition, query }) => {
  it('logs each failure of a provider with the request and the record that it belongs to', async () => {
    const sink = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
    const log = createLogger({ level: 'warn', service: definition.service }, sink);
    const env = { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'm' };
    llm = await startLlm(definition, env, log);
    double.respond = fails(500, { 'retry-after': '0' });
    const requestId = randomUUID();
    const { token } = llm.newAccount();
    const { errors } = await sendGraphql(llm.url, { query, token, headers: { 'x-request-id': requestId } });
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_ERROR');
    const [key = ''] = (await llm.keys('requests/')).filter((one) => one.endsWith('/record.json'));
    const { id: recordId } = await llm.json(key);
    const failures = lines.filter(({ msg }) => msg === 'a provider failed');
    expect(failures).toHaveLength(3);
    for (const failure of failures) {
      expect(failure).toMatchObject({ requestId, recordId, provider: 'openai-compatible', model: 'm' });
    }
  });
});
