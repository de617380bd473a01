import { z } from 'zod';
import { LAST_EVENT_ID } from '../../sse/event-id.js';
import { IDEMPOTENCY_HEADERS, withIdempotencyKey } from '../idempotency.js';
import { ChatMessageDocument, SendChatMessageDocument } from '../operations/operations.generated.js';
import { restRoute, type HeaderParameter } from '../route.js';
import { pathMessage, sentMessage, usageOf } from './chat-events.js';

const key = z.string().describe('A key in the bucket.');
const answer = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }).nullable();
const usage = z.object({
  provider: z.string(),
  model: z.string(),
  latencyMs: z.number(),
  tokens: z.object({ in: z.int(), out: z.int() }),
  cost: z.object({ usd: z.number().nullable().describe('Null where nobody says what it cost.') }),
});

const LAST_EVENT: HeaderParameter = {
  name: LAST_EVENT_ID,
  description: 'With events only: the id of the last one that you have. The answer goes on after it.',
};

const STREAM = {
  description:
    'Server-sent events: a `delta` for each piece of the answer as it is made; then a `message`, which is the plain reply with `status` and `usage`, or an `error`, which is a problem document. What goes wrong before the first event is answered by a problem, not by a stream. A broken line is taken up again with `Last-Event-ID`, by the same request or by `GET /chat/message/{id}`.',
  example: [
    'id: 0198c0de-0000-7000-8000-000000000000:1\nevent: delta',
    'data: {"id":"0198c0de-0000-7000-8000-000000000000","seq":1,"delta":"Hola"}\n',
    'id: 0198c0de-0000-7000-8000-000000000000:end\nevent: message',
    'data: {"id":"0198c0de-0000-7000-8000-000000000000","sessionId":"demo","assistantMessage":{"role":"assistant","content":"Hola"},"s3":{"record":"…","output":"…"},"status":200,"usage":{"provider":"local","model":"extractive","latencyMs":12,"tokens":{"in":3,"out":1},"cost":{"usd":0}}}\n\n',
  ].join('\n'),
};

export const CHAT_MESSAGE_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/chat/message',
    tag: 'chat',
    summary: 'Send a message and get the answer, at once or piece by piece',
    access: 'user',
    body: { input: 'SendChatMessageInput', required: true },
    headers: [...IDEMPOTENCY_HEADERS, LAST_EVENT],
    errors: ['NOT_FOUND'],
    status: 200,
    reply: z.object({
      id: z.string(),
      sessionId: z.string(),
      assistantMessage: answer,
      s3: z.object({ record: key, output: key.nullable() }),
    }),
    document: SendChatMessageDocument,
    variables: (request) => ({ input: withIdempotencyKey(request) }),
    toReply: ({ sendChatMessage }) => sendChatMessage,
    stream: { ...STREAM, open: sentMessage },
  }),
  restRoute({
    method: 'GET',
    path: '/chat/message/:id',
    tag: 'chat',
    summary:
      'A message that was answered; `status` is the HTTP status of that request. As events, also while it is answered',
    access: 'user',
    headers: [LAST_EVENT],
    status: 200,
    reply: z.object({
      id: z.string(),
      sessionId: z.string(),
      status: z.int(),
      assistantMessage: answer,
      s3Keys: z.object({ record: key, input: key, output: key.nullable(), message: key.nullable() }),
      urls: z.object({ record: z.url(), output: z.url().nullable() }).describe('Good for five minutes.'),
      usage,
      meta: z.record(z.string(), z.unknown()),
    }),
    document: ChatMessageDocument,
    variables: ({ params }) => ({ id: params['id'] }),
    toReply: ({ chatRecord }) => {
      const { id, sessionId, status, assistantMessage, s3, recordUrl, outputUrl, meta } = chatRecord;
      return {
        id,
        sessionId,
        status,
        assistantMessage,
        s3Keys: s3,
        urls: { record: recordUrl, output: outputUrl },
        usage: usageOf(chatRecord),
        meta,
      };
    },
    stream: { ...STREAM, open: pathMessage },
  }),
];
