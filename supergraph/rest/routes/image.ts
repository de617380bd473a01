import { z } from 'zod';
import { GenerateImageDocument, ImageDocument } from '../operations/operations.generated.js';
import { IDEMPOTENCY_HEADERS, withIdempotencyKey } from '../idempotency.js';
import { restRoute } from '../route.js';

const key = z.string().describe('A key in the bucket.');
const recordMeta = z.record(z.string(), z.unknown());

export const IMAGE_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/image/generate',
    tag: 'image',
    summary: 'Draw a picture',
    access: 'user',
    body: { input: 'GenerateImageInput', required: true },
    headers: IDEMPOTENCY_HEADERS,
    status: 200,
    reply: z.object({
      id: z.string(),
      s3: z.object({ record: key, image: key.nullable(), preview: key.nullable() }),
      meta: recordMeta,
    }),
    document: GenerateImageDocument,
    variables: (request) => ({ input: withIdempotencyKey(request) }),
    toReply: ({ generateImage }) => generateImage,
  }),
  restRoute({
    method: 'GET',
    path: '/image/:id',
    tag: 'image',
    summary: 'A picture that was asked for; `status` is the HTTP status of that request',
    access: 'user',
    status: 200,
    reply: z.object({
      id: z.string(),
      status: z.int(),
      s3Keys: z.object({ record: key, input: key, image: key.nullable(), preview: key.nullable() }),
      urls: z.object({ image: z.url().nullable(), preview: z.url().nullable() }).describe('Good for five minutes.'),
      meta: recordMeta,
    }),
    document: ImageDocument,
    variables: ({ params }) => ({ id: params['id'] }),
    toReply: ({ image: { id, status, s3, imageUrl, previewUrl, meta } }) => ({
      id,
      status,
      s3Keys: s3,
      urls: { image: imageUrl, preview: previewUrl },
      meta,
    }),
  }),
];
