import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RequestContext } from '#shared/context/request-context.js';
import type { ChatContext } from '../../subgraphs/chat/context.js';
import { sendGraphql, type GraphqlReply } from '../support/graphql-client.js';
import { CHAT, IMAGE, SUMMARIZE } from '../support/definitions.js';
import { startLlm, type LlmDefinition, type LlmUnderTest } from '../support/llm-subgraph.js';
import { isSilent, says, startProviderDouble, type ProviderDouble, type Respond } from '../support/provider-double.js';

const DAY_OF_GRACE = '1d';
const CASES: readonly { name: string; definition: LlmDefinition; query: string }[] = [
  {
    name: 'summarize',
    definition: SUMMARIZE,
    query: 'mutation { answer: summarize(input: { text: "A long story.", length: short }) { status } }',
  },
  {
    name: 'chat',
    definition: CHAT,
    query:
      'mutation { answer: sendChatMessage(input: { sessionId: "demo", messages: [{ role: user, content: "Hola" }] }) { status } }',
  },
];
const PICTURE = 'mutation { answer: generateImage(input: { prompt: "a lighthouse", size: "64x64" }) { status } }';

let double: ProviderDouble;
let llm: LlmUnderTest | undefined;
beforeEach(async () => {
  double = await startProviderDouble();
});
afterEach(async () => {
  await llm?.stop();
  llm = undefined;
  double.close();
});

async function start(definition: LlmDefinition, grace: string): Promise<LlmUnderTest> {
  const asked =
    definition === IMAGE
      ? { IMAGE_PROVIDERS: 'stability', STABILITY_BASE_URL: double.origin, STABILITY_API_KEY: 'sk-test' }
      : { LLM_PROVIDER: 'openai-compatible', LLM_BASE_URL: double.baseUrl, LLM_MODEL: 'some-model' };
  llm = await startLlm(definition, {
    ...asked,
    LLM_MAX_RETRIES: '0',
    SHUTDOWN_GRACE: grace,
  });
  return llm;
}

/** Answers once it is let. */
function held(respond: Respond) {
  const gate = Promise.withResolvers<void>();
  const waiting: Respond = async (call, response) => {
    await gate.promise;
    return respond(call, response);
  };
  return { respond: waiting, release: gate.resolve };
}

/** The reply to come of a request for which the model has been asked. */
async function askUntilModel(service: LlmUnderTest, query: string): Promise<{ reply: Promise<GraphqlReply> }> {
  const called = double.nextCall();
  const reply = sendGraphql(service.url, { query, token: service.newAccount().token });
  await called;
  return { reply };
}

describe.each(CASES)('$name, told to stop while a model works', ({ definition, query }) => {
  it('answers what is under way, and has its event delivered', async () => {
    const service = await start(definition, DAY_OF_GRACE);
    const { respond, release } = held(says('Very well.'));
    double.respond = respond;
    const { reply } = await askUntilModel(service, query);
    const stopped = service.stop();
    release();
    expect(await reply).toMatchObject({ data: { answer: { status: 200 } } });
    await stopped;
    expect(await service.eventBy(() => true)).toMatchObject({ status: 200 });
  });
});

describe.each([...CASES, { name: 'image', definition: IMAGE, query: PICTURE }])(
  '$name, told to stop without time for what is under way',
  ({ definition, query }) => {
    it('gives it up in words, with a record and its event', async () => {
      const service = await start(definition, '0s');
      double.respond = isSilent;
      const { reply } = await askUntilModel(service, query);
      await service.stop();
      const { errors } = await reply;
      expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true } }]);
      expect(await service.eventBy(() => true)).toMatchObject({ status: 503 });
    });
  },
);

describe('a stream, whose reader is gone with the connections', () => {
  /** Begins an answer as the subscription does; the model has been asked when it resolves. */
  async function startStream(grace: string): Promise<LlmUnderTest> {
    const made = Promise.withResolvers<Pick<ChatContext, 'generations'>>();
    const definition: LlmDefinition = {
      ...CHAT,
      async context(...parts) {
        const contextOf = await CHAT.context(...parts);
        made.resolve(contextOf({} as RequestContext, { headers: {} }) as ChatContext);
        return contextOf;
      },
    };
    const service = await start(definition, grace);
    const { generations } = await made.promise;
    const { id: userId, email: username } = service.newAccount();
    const called = double.nextCall();
    const messages = [{ role: 'user', content: 'Hola' }] as const;
    const call = {
      userId,
      username,
      requestId: userId,
      promptStorage: 'plain' as const,
      signal: new AbortController().signal,
    };
    await generations.start({ sessionId: 'demo', messages }, call);
    await called;
    return service;
  }

  it('is made to its end within the time there is', async () => {
    const { respond, release } = held((_call, response) => {
      const choice = { index: 0, delta: { content: 'Hola' }, finish_reason: 'stop' };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        `data: ${JSON.stringify({ id: 'c', created: 1, model: 'm', choices: [choice] })}\n\ndata: [DONE]\n\n`,
      );
    });
    double.respond = respond;
    const service = await startStream(DAY_OF_GRACE);
    const stopped = service.stop();
    release();
    await stopped;
    expect(await service.eventBy(() => true)).toMatchObject({ status: 200 });
  });

  it('is then ended by the service, not by its client', async () => {
    double.respond = isSilent;
    const service = await startStream('0s');
    await service.stop();
    expect(await service.eventBy(() => true)).toMatchObject({ status: 503 });
  });
});
