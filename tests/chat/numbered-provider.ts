import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { startProviderDouble, type ProviderDouble, type ReceivedCall } from '../support/provider-double.js';

/** A provider that answers a prompt, which is a name of the test's own, with numbered tokens as fast as they are asked for. */
export interface NumberedProvider {
  readonly double: ProviderDouble;
  /** What the answer to this prompt will be; none of it is sent before {@link NumberedAnswer.allow}. */
  answerTo(prompt: string, tokens: readonly string[]): NumberedAnswer;
  close(): void;
}

export class NumberedAnswer {
  #allowed = 0;
  #wake: () => void = () => undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor(readonly tokens: readonly string[]) {}

  get text(): string {
    return this.tokens.join('');
  }

  /** Resolves when the connection of its call is over, by whoever ended it. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Lets it come this far. */
  allow(count: number): void {
    this.#allowed = Math.max(this.#allowed, count);
    this.#wake();
  }

  async send(response: ServerResponse): Promise<void> {
    response.once('close', () => {
      this.#wake();
      this.#ended.resolve();
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [at, token] of this.tokens.entries()) {
      while (!response.closed && at >= this.#allowed) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (response.closed) return;
      const taken = response.write(chunkOf({ delta: { content: token }, finish_reason: null }));
      if (!taken) await Promise.race([once(response, 'drain'), this.ended]);
    }
    response.write(chunkOf({ delta: {}, finish_reason: 'stop' }));
    response.end('data: [DONE]\n\n');
  }
}

export async function startNumberedProvider(): Promise<NumberedProvider> {
  const double = await startProviderDouble();
  const answers = new Map<string, NumberedAnswer>();
  double.respond = (call, response) => {
    const answer = answers.get(promptOf(call));
    if (!answer) throw new Error(`nobody has said what the answer is to ${promptOf(call)}`);
    return answer.send(response);
  };
  return {
    double,
    answerTo: (prompt, tokens) => {
      const answer = new NumberedAnswer(tokens);
      answers.set(prompt, answer);
      return answer;
    },
    close: () => double.close(),
  };
}

/** `1 2 3 …` */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at + 1} `);
}

function promptOf({ body }: ReceivedCall): string {
  return body.messages?.at(-1)?.content ?? '';
}

function chunkOf(choice: object): string {
  const head = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'double-1' };
  return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, ...choice }] })}\n\n`;
}
