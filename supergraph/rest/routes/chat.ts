import { z } from 'zod';
import {
  ChatSessionDocument,
  ChatSessionsDocument,
  CreateChatSessionDocument,
} from '../operations/operations.generated.js';
import { restRoute } from '../route.js';
import { CHAT_MESSAGE_ROUTES } from './chat-message.js';

const key = z.string().describe('A key in the bucket.');
const sessionFields = {
  sessionId: z.string(),
  title: z.string().nullable(),
  turnCount: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

/** The shim's page sizes are the operation's; text goes on as it is, to be refused there by its name. */
const integerOrText = (text: string | undefined): unknown => (text && /^-?\d{1,9}$/.test(text) ? Number(text) : text);

export const CHAT_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/chat/session',
    tag: 'chat',
    summary: 'Begin a conversation',
    access: 'user',
    body: { input: 'CreateChatSessionInput', required: false },
    status: 200,
    reply: z.object({ sessionId: z.string() }),
    document: CreateChatSessionDocument,
    variables: ({ body }) => ({ input: body }),
    toReply: ({ createChatSession: { sessionId } }) => ({ sessionId }),
  }),
  restRoute({
    method: 'GET',
    path: '/chat/session',
    tag: 'chat',
    summary: 'Your conversations, newest first',
    access: 'user',
    query: [
      {
        name: 'first',
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        description: 'How many.',
      },
      { name: 'after', schema: { type: 'string', maxLength: 200 }, description: '`nextCursor` of the page before.' },
    ],
    status: 200,
    reply: z.object({
      sessions: z.array(z.object(sessionFields)),
      nextCursor: z.string().nullable().describe('Null on the last page.'),
    }),
    document: ChatSessionsDocument,
    variables: ({ query }) => ({ first: integerOrText(query['first']), after: query['after'] }),
    toReply: ({ chatSessions: { edges, pageInfo } }) => ({
      sessions: edges.map(({ node }) => node),
      nextCursor: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    }),
  }),
  ...CHAT_MESSAGE_ROUTES,
  restRoute({
    method: 'GET',
    path: '/chat/session/:sessionId',
    tag: 'chat',
    summary: 'A conversation, and where its history lies',
    access: 'user',
    status: 200,
    reply: z.object({
      ...sessionFields,
      s3Keys: z.object({ state: key, messages: z.array(key), records: z.array(key) }),
    }),
    document: ChatSessionDocument,
    variables: ({ params }) => ({ sessionId: params['sessionId'] }),
    toReply: ({ chatSession: { s3, ...session } }) => ({ ...session, s3Keys: s3 }),
  }),
];
