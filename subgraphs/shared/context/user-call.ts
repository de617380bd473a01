import type { PromptStorage } from './prompt-storage.js';
import type { RequestContext } from './request-context.js';
import { requireUser } from './viewer.js';

/** A signed-in user's request, as a service needs to know it. */
export interface UserCall {
  readonly userId: string;
  /** The email address at the time of the request. */
  readonly username: string;
  readonly requestId: string;
  /** The user's own wish, as of when the access token was issued. */
  readonly promptStorage: PromptStorage;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

/** Throws UNAUTHENTICATED unless a user is signed in. */
export function userCallOf(context: RequestContext): UserCall {
  const { id, email, promptStorage } = requireUser(context);
  const { requestId, signal } = context;
  return { userId: id, username: email, requestId, promptStorage, signal };
}
