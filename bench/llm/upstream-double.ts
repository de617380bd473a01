import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const ANSWER = Buffer.from(
  JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'double-1',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Very well, and you?' } }],
    usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
  }),
);

/** A provider that answers every chat at once with the same words. */
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.once('disconnect', () => process.exit());
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
