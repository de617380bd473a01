import { GenerationService, type GenerationEvent } from '../../subgraphs/chat/generation.service.js';
import { MessageService } from '../../subgraphs/chat/message.service.js';
import { SessionStore } from '../../subgraphs/chat/session-store.js';
import { SessionService, type Session } from '../../subgraphs/chat/session.service.js';
import type { HistoryRecord } from '#shared/history/history.port.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { createLogger } from '#shared/logging/logger.js';
import { MemoryStreamLog } from '#shared/streams/memory/memory-stream-log.js';
import type { RoutedChatModel } from '#shared/llm/llm.port.js';
import { NOW, openReplica, REQUEST_ID, USER_ID, type HistoryOptions } from './history-under-test.js';

const PARROT = { provider: 'local', model: 'parrot' };

/** Answers everything with the same words. */
const model: RoutedChatModel = {
  provider: PARROT.provider,
  defaultModel: PARROT.model,
  maxInputChars: 10_000,
  addresseeOf: () => PARROT,
  chat: async () => ({
    ...PARROT,
    text: 'Very well.',
    finishReason: 'stop',
    tokens: { in: 1, out: 1, estimated: true },
    costUsd: null,
  }),
};

export const CALLER = {
  userId: USER_ID,
  username: 'ada@example.com',
  requestId: REQUEST_ID,
  promptStorage: 'plain' as const,
  signal: new AbortController().signal,
};

/** The chat service's own parts on a store, for one user; each look at the clock is a millisecond later. */
export function openChat(store: ObjectStore, options: Omit<HistoryOptions, 'store' | 'service' | 'now'> = {}) {
  let at = NOW.getTime();
  const now = (): Date => new Date((at += 1));
  const { history, relay } = openReplica({ ...options, store, service: 'chat', now });
  const sessions = new SessionService({ sessions: new SessionStore(store), now });
  const messages = new MessageService({ model, history, sessions, timeoutMs: 1_000 });
  const streams = new MemoryStreamLog({ lingerMs: 60_000 });
  const generations = new GenerationService({
    messages,
    history,
    streams,
    log: createLogger({ level: 'silent', service: 'chat' }),
  });
  const say = (content: string, key?: string): Promise<HistoryRecord> => {
    const body = { sessionId: 'demo', messages: [{ role: 'user' as const, content }] };
    const idempotency = key === undefined ? {} : { idempotency: { key, body, signal: CALLER.signal } };
    return messages.send(body, { ...CALLER, ...idempotency });
  };
  return {
    relay,
    sessions,
    /** Says something in the session `demo`, with an idempotency key where one is given. */
    say,
    /** The same as a stream; its id, for {@link join}. */
    ask: (content: string): Promise<string> =>
      generations.start({ sessionId: 'demo', messages: [{ role: 'user', content }] }, CALLER),
    async join(id: string): Promise<GenerationEvent[]> {
      const events: GenerationEvent[] = [];
      for await (const event of generations.read({ id, after: 0 }, USER_ID, CALLER.signal)) events.push(event);
      return events;
    },
    sweep: () => generations.sweep(),
    /** Adds a recorded turn to its session where it is missing. */
    adopt: (record: HistoryRecord) => messages.adopt(record),
    close: (overtime = CALLER.signal) => generations.close(overtime),
    /** Says `number 0`, `number 1` and so on, with the keys `key-0`, `key-1` and so on. */
    async sayMany(count: number): Promise<HistoryRecord[]> {
      const said: HistoryRecord[] = [];
      for (let n = 0; n < count; n += 1) said.push(await say(`number ${n}`, `key-${n}`));
      return said;
    },
    async demo(): Promise<Session> {
      const session = await sessions.find(USER_ID, 'demo');
      if (!session) throw new Error('nothing has been said');
      return session;
    },
  };
}
