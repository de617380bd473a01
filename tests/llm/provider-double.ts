import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly path: string;
  readonly body: { readonly model?: string; readonly messages?: readonly { role: string; content: string }[] };
}

export interface ProviderDouble {
  /** What LLM_BASE_URL is set to. */
  readonly baseUrl: string;
  readonly calls: ReceivedCall[];
  /** Answers a chat; may take its time. */
  answer: (call: ReceivedCall) => Promise<string> | string;
  close(): void;
}

/** A server that speaks OpenAI's chat completions, as far as one answer goes. */
export async function startProviderDouble(): Promise<ProviderDouble> {
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const call = { path: request.url ?? '', body: (await json(request)) as ReceivedCall['body'] };
      double.calls.push(call);
      const message = { role: 'assistant', content: await double.answer(call) };
      const completion = {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: call.body.model,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion));
    };
    void reply();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const double: ProviderDouble = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    calls: [],
    answer: () => 'Very well.',
    close,
  };
  return double;
}
