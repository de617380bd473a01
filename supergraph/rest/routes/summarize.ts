import { z } from 'zod';
import { SummarizeDocument, SummaryDocument } from '../operations/operations.generated.js';
import { IDEMPOTENCY_HEADERS, withIdempotencyKey } from '../idempotency.js';
import { restRoute } from '../route.js';

const key = z.string().describe('A key in the bucket.');
const summaryText = z.string().nullable().describe('The summary itself.');

export const SUMMARIZE_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/summarize',
    tag: 'summarize',
    summary: 'Summarize a text',
    access: 'user',
    body: { input: 'SummarizeInput', required: true },
    headers: IDEMPOTENCY_HEADERS,
    errors: ['NOT_FOUND'],
    status: 200,
    reply: z.object({
      id: z.string(),
      s3: z.object({ record: key, summary: key.nullable() }),
      summary: summaryText,
    }),
    document: SummarizeDocument,
    variables: (request) => ({ input: withIdempotencyKey(request) }),
    toReply: ({ summarize: { id, s3, text } }) => ({ id, s3, summary: text }),
  }),
  restRoute({
    method: 'GET',
    path: '/summarize/:id',
    tag: 'summarize',
    summary: 'A summary that was asked for; `status` is the HTTP status of that request',
    access: 'user',
    status: 200,
    reply: z.object({
      id: z.string(),
      status: z.int(),
      s3Keys: z.object({ record: key, input: key, summary: key.nullable() }),
      urls: z.object({ summary: z.url().nullable() }).describe('Good for five minutes.'),
      summary: summaryText,
      meta: z.record(z.string(), z.unknown()),
    }),
    document: SummaryDocument,
    variables: ({ params }) => ({ id: params['id'] }),
    toReply: ({ summary: { id, status, s3, summaryUrl, text, meta } }) => ({
      id,
      status,
      s3Keys: s3,
      urls: { summary: summaryUrl },
      summary: text,
      meta,
    }),
  }),
];
