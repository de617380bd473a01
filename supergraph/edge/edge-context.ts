import type { UserViewer } from '#shared/context/viewer.js';
import type { Logger } from '#shared/logging/logger.js';

/** One request at the door: who, from where, until when. Built once, used by GraphQL and REST alike. */
export interface EdgeContext {
  /** The signed-in user; null without a token, and where the token is ignored. */
  readonly viewer: UserViewer | null;
  /** The bearer token as it came, already verified; passed on to the subgraphs, which verify it again. */
  readonly accessToken: string | null;
  readonly requestId: string;
  readonly clientIp: string;
  readonly userAgent: string | null;
  readonly log: Logger;
  /** Sets a header of the reply, where the reply has any. */
  readonly setReplyHeader: (header: string, value: string) => void;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}
