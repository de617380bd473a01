import type { RequestContext } from '#shared/context/request-context.js';
import type { Logger } from '#shared/logging/logger.js';
import type { StreamLog } from '#shared/streams/stream-log.port.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { createRecordLoader } from '#shared/history/graph/record.loader.js';
import type { HistoryContext } from '#shared/history/graph/record.resolver.js';
import { createAnswerLoader, type AnswerLoader } from './answer.loader.js';
import { GenerationService } from './generation.service.js';
import { MessageService, type MessageServiceParts } from './message.service.js';
import { SessionStore } from './session-store.js';
import { SessionService } from './session.service.js';

export interface ChatContext extends HistoryContext {
  readonly messages: MessageService;
  readonly sessions: SessionService;
  readonly generations: GenerationService;
  readonly answers: AnswerLoader;
}

export interface ChatParts extends Omit<MessageServiceParts, 'sessions'> {
  readonly store: ObjectStore;
  readonly streams: StreamLog;
  readonly log: Logger;
  /** Aborts when there is no more time for what is being generated. */
  readonly overtime: AbortSignal;
  defer(name: string, release: () => unknown): void;
}

/** Returns what makes each request's context. */
export function createChatContext({ store, streams, log, overtime, defer, ...parts }: ChatParts) {
  const sessions = new SessionService({ sessions: new SessionStore(store), now: () => new Date() });
  const messages = new MessageService({ ...parts, sessions });
  const generations = new GenerationService({ messages, history: parts.history, streams, log });
  defer('generations', () => generations.close(overtime));
  return (request: RequestContext): ChatContext => ({
    ...request,
    history: parts.history,
    records: createRecordLoader(parts.history),
    messages,
    sessions,
    generations,
    answers: createAnswerLoader(store),
  });
}
