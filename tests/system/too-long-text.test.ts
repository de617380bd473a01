import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { restClient, signUp } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

let provider: ProviderDouble;
let system: System;
beforeAll(async () => {
  provider = await startProviderDouble();
  system = await startSystem({
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: provider.baseUrl,
    LLM_MODEL: 'm',
    LLM_MAX_INPUT_CHARS: '1000',
  });
});
afterAll(async () => {
  await system?.stop();
  provider?.close();
});

describe('POST /summarize of a text that is longer than a model may be sent', () => {
  it('is refused with the name of the field and the rule', async () => {
    const send = restClient(system.url);
    const { token } = await signUp(send, 'ana@example.com');
    const { status, body } = await send('POST /summarize', { token, json: { text: 'x'.repeat(1_001) } });
    const message = 'text is longer than the 1000 characters that may be sent to a model.';
    expect(status).toBe(413);
    expect(body).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      detail: message,
      issues: [{ path: 'text', rule: 'maxLength', message }],
    });
    expect(provider.calls).toEqual([]);
  });
});
