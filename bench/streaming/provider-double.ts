import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { nowMs } from '../support/monotonic-clock.js';
import { textOf, type HungUp, type StreamOrder } from './stamped-token.js';

/** A provider whose answers are stamped tokens at the pace that the prompt asks for. */
const server = createServer(async (request, response) => {
  const askedMs = nowMs();
  const order = await orderIn(request);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let at = 0;
  const send = (): void => {
    if (at === order.tokens) return finish(response, pace);
    const content = textOf({ at, sentMs: nowMs(), askedMs }, order.tokenBytes);
    response.write(chunkOf({ delta: { content }, finish_reason: null }));
    at += 1;
  };
  const pace = setInterval(send, order.everyMs);
  response.once('close', () => {
    clearInterval(pace);
    if (!response.writableEnded) process.send?.({ name: order.name, closedMs: nowMs() } satisfies HungUp);
  });
  send();
});

async function orderIn(request: IncomingMessage): Promise<StreamOrder> {
  const { messages } = (await json(request)) as { messages: { content: string }[] };
  return JSON.parse(messages.at(-1)?.content ?? '') as StreamOrder;
}

function finish(response: ServerResponse, pace: NodeJS.Timeout): void {
  clearInterval(pace);
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  response.write(chunkOf({ delta: {}, finish_reason: 'stop' }, { usage }));
  response.end('data: [DONE]\n\n');
}

function chunkOf(choice: object, more: object = {}): string {
  const head = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'double-1' };
  return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, ...choice }], ...more })}\n\n`;
}

process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
