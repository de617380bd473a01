import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Prices } from '#shared/llm/prices/prices.js';
import { ChatCompletionsModel } from '#shared/llm/providers/chat-completions.provider.js';
import { INTERNALS, says, startProviderDouble, type ProviderDouble, type Respond } from '../support/provider-double.js';
import { failureOf } from './thrown.js';

const TURNS = [{ role: 'user', content: 'Hola' }] as const;
type Name = 'max_tokens' | 'max_completion_tokens';

let double: ProviderDouble;
beforeAll(async () => {
  double = await startProviderDouble();
});
beforeEach(() => double.reset());
afterAll(() => double?.close());

/** As OpenAI and Azure answer to a parameter that a model does not know. */
const refuses = (param: string, code = 'unsupported_parameter'): Respond => {
  const error = { message: INTERNALS, type: 'invalid_request_error', param, code };
  return (_call, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
};
const refusesOld: Respond = (call, response) =>
  ('max_tokens' in call.body ? refuses('max_tokens') : says('Very well.'))(call, response);

const modelOf = (provider: string): ChatCompletionsModel =>
  new ChatCompletionsModel({ provider, baseUrl: double.baseUrl, model: 'm', prices: new Prices() });
const ask = (by: ChatCompletionsModel, model = 'm', onDelta?: () => Promise<void>) =>
  by.chat(
    { turns: TURNS, model, maxOutputTokens: 50 },
    { signal: new AbortController().signal, ...(onDelta && { onDelta }) },
  );
const limits = (): (Name | undefined)[] =>
  double.calls.map(({ body }) => (['max_tokens', 'max_completion_tokens'] as const).find((name) => body[name] === 50));

describe('the limit of an answer', () => {
  it.each<[string, string, Name]>([
    ['openai', 'gpt-5', 'max_completion_tokens'],
    ['github-models', 'openai/gpt-5-mini', 'max_completion_tokens'],
    ['github-models', 'openai/o4-mini', 'max_completion_tokens'],
    ['github-models', 'meta/llama-3.3-70b-instruct', 'max_tokens'],
    ['openrouter', 'openai/gpt-5', 'max_tokens'],
    ['openai-compatible', 'openai/gpt-oss-20b', 'max_tokens'],
  ])('is called for %s, model %s, %s', async (provider, model, name) => {
    await ask(modelOf(provider), model);
    expect(limits()).toEqual([name]);
  });

  it.each([
    ['whole', undefined],
    ['streamed', async () => undefined],
  ])('is called by its other name where a model does not know it, once and from then on: %s', async (_how, onDelta) => {
    double.respond = (call, response) =>
      onDelta === undefined || 'max_tokens' in call.body
        ? refusesOld(call, response)
        : response
            .writeHead(200, { 'content-type': 'text/event-stream' })
            .end('data: {"choices":[{"delta":{"content":"Very well."},"finish_reason":"stop"}]}\n\n');
    const model = modelOf('openai-compatible');
    expect(await ask(model, 'm', onDelta)).toMatchObject({ text: 'Very well.' });
    await ask(model, 'm', onDelta);
    expect(limits()).toEqual(['max_tokens', 'max_completion_tokens', 'max_completion_tokens']);
  });

  it('goes back to the old name where a server does not know the new one', async () => {
    double.respond = (call, response) =>
      ('max_completion_tokens' in call.body ? refuses('max_completion_tokens', 'unknown_parameter') : says('Yes.'))(
        call,
        response,
      );
    expect(await ask(modelOf('openai'))).toMatchObject({ text: 'Yes.' });
  });

  it('is learnt for each model by itself', async () => {
    double.respond = refusesOld;
    const model = modelOf('openai-compatible');
    await ask(model, 'one');
    double.respond = says('Very well.');
    await ask(model, 'another');
    expect(limits()).toEqual(['max_tokens', 'max_completion_tokens', 'max_tokens']);
  });

  it('is not tried by both names for ever', async () => {
    double.respond = (call, response) =>
      refuses('max_tokens' in call.body ? 'max_tokens' : 'max_completion_tokens')(call, response);
    const model = modelOf('openai-compatible');
    expect(await failureOf(ask(model))).toMatchObject({ fault: 'refused', status: 400, spent: undefined });
    expect(await failureOf(ask(model))).toMatchObject({ fault: 'refused' });
    expect(limits()).toEqual(['max_tokens', 'max_completion_tokens', 'max_completion_tokens']);
  });

  it.each([
    ['is of another parameter', refuses('temperature')],
    ['is of too great a limit', refuses('max_tokens', 'invalid_value')],
  ])('is not tried by its other name where the refusal %s', async (_case, respond) => {
    double.respond = respond;
    expect(await failureOf(ask(modelOf('openai-compatible')))).toMatchObject({ fault: 'refused' });
    expect(double.calls).toHaveLength(1);
  });
});
