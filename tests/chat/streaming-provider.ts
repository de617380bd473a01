import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { startProviderDouble, type ProviderDouble } from '../support/provider-double.js';

/** A provider that streams when the test says so. */
export interface StreamingProvider {
  readonly double: ProviderDouble;
  /** The next call to it, once it has begun to answer. */
  nextAnswer(): Promise<Answer>;
  close(): void;
}

/** An answer under way. */
export interface Answer {
  say(text: string): void;
  finish(): void;
  /** Breaks the connection in the middle. */
  cut(): void;
  /** Resolves when the platform has closed the connection. */
  readonly left: Promise<unknown>;
}

export async function startStreamingProvider(): Promise<StreamingProvider> {
  const double = await startProviderDouble();
  const begun: Answer[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  double.respond = (_call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const answer = answerOn(response);
    const next = waiting.shift();
    if (next) next(answer);
    else begun.push(answer);
  };
  return {
    double,
    nextAnswer: async () => begun.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    close: () => double.close(),
  };
}

function answerOn(response: ServerResponse): Answer {
  const send = (choice: object, more: object = {}): void =>
    void response.write(
      `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'double-1', choices: [{ index: 0, ...choice }], ...more })}\n\n`,
    );
  return {
    say: (content) => send({ delta: { role: 'assistant', content }, finish_reason: null }),
    finish: () => {
      send(
        { delta: {}, finish_reason: 'stop' },
        { usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } },
      );
      response.end('data: [DONE]\n\n');
    },
    cut: () => response.destroy(),
    left: once(response, 'close'),
  };
}
