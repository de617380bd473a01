import { z } from 'zod';
import {
  LoginDocument,
  LogoutDocument,
  MeDocument,
  RefreshSessionDocument,
  RegisterDocument,
} from '../operations/operations.generated.js';
import { restRoute } from '../route.js';

const tokens = z.object({ accessToken: z.string(), refreshToken: z.string() });
const user = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(['user', 'admin']),
  createdAt: z.iso.datetime(),
});

export const AUTH_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/auth/register',
    tag: 'auth',
    summary: 'Create an account and sign it in',
    access: 'public',
    body: { input: 'RegisterInput', required: true },
    status: 201,
    reply: tokens.extend({ user }),
    document: RegisterDocument,
    variables: ({ body }) => ({ input: body }),
    toReply: ({ register }) => register,
  }),
  restRoute({
    method: 'POST',
    path: '/auth/login',
    tag: 'auth',
    summary: 'Sign in',
    access: 'public',
    body: { input: 'LoginInput', required: true },
    status: 200,
    reply: tokens,
    document: LoginDocument,
    variables: ({ body }) => ({ input: body }),
    toReply: ({ login }) => login,
  }),
  restRoute({
    method: 'POST',
    path: '/auth/refresh',
    tag: 'auth',
    summary: 'Trade a refresh token for the next pair of tokens',
    access: 'public',
    body: { input: 'RefreshSessionInput', required: true },
    status: 200,
    reply: tokens,
    document: RefreshSessionDocument,
    variables: ({ body }) => ({ input: body }),
    toReply: ({ refreshSession }) => refreshSession,
  }),
  restRoute({
    method: 'POST',
    path: '/auth/logout',
    tag: 'auth',
    summary: 'End the session of the access token',
    access: 'user',
    status: 204,
    reply: z.undefined(),
    document: LogoutDocument,
    variables: () => ({}),
    toReply: () => undefined,
  }),
  restRoute({
    method: 'GET',
    path: '/users/me',
    tag: 'auth',
    summary: 'The account that is signed in',
    access: 'user',
    status: 200,
    reply: user,
    document: MeDocument,
    variables: () => ({}),
    toReply: ({ me }) => me,
  }),
];
