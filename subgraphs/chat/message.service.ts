import type {
  Artifact,
  History,
  HistoryRecord,
  RecordIdentity,
  RequestUnderWay,
} from '#shared/history/history.port.js';
import type { RecordedCall } from '#shared/history/graph/recorded-call.js';
import { JSON_TYPE, jsonBytes } from '#shared/history/store/json-object.js';
import { attemptsOf } from '#shared/llm/failed-attempts.js';
import { callWithin } from '#shared/llm/deadline.js';
import type { CallOrigin, ChatRequest, ChatTurn, Completion, RoutedChatModel } from '#shared/llm/llm.port.js';
import { estimatedUsage } from '#shared/llm/token-estimate.js';
import { conversationTurns, PROMPT_VERSION } from './chat.prompt.js';
import { messageKey } from './session-store.js';
import type { OpenSession, SessionService } from './session.service.js';
import { newMessages } from './transcript.js';

export interface MessageOrder {
  readonly sessionId: string;
  /** The new messages, or the whole conversation with them at its end. The last one is the user's. */
  readonly messages: readonly ChatTurn[];
  /** `provider/model`, or a model of the first provider. */
  readonly model?: string | null;
}

export interface MessageServiceParts {
  readonly model: RoutedChatModel;
  readonly history: History;
  readonly sessions: SessionService;
  /** How long the provider may take. */
  readonly timeoutMs: number;
}

/** Hears of a turn while it is being made. */
export interface TurnObserver {
  /** Before the model is asked. */
  begun(identity: RecordIdentity, underWay: () => Promise<RequestUnderWay>): Promise<void>;
  /** The next piece of the answer. */
  delta(text: string): Promise<void>;
  /** It is on record, and is now added to its session. */
  recorded(record: HistoryRecord): void;
}

/** Why a call is aborted whose answer so far is to be kept. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
}

/** Messages to a model and its answers, each turn kept in the history and in its session. */
export class MessageService {
  constructor(private readonly parts: MessageServiceParts) {}

  /** Throws NOT_FOUND for the session, SERVICE_UNAVAILABLE when the history is away, and what the provider throws. */
  async send(
    order: MessageOrder,
    { signal, ...caller }: RecordedCall,
    observer?: TurnObserver,
  ): Promise<HistoryRecord> {
    const { model, history, sessions } = this.parts;
    const session = await sessions.open(caller.userId, order.sessionId);
    const { sessionId } = session;
    const sent = order.messages.map(({ role, content }) => ({ role, content }));
    const added = newMessages(session.window, sent);
    const asked: { model?: string } = order.model ? { model: order.model } : {};
    const request = {
      ...caller,
      action: 'message',
      prompt: added.at(-1)?.content ?? '',
      input: { sessionId, messages: sent },
      params: { sessionId, ...asked },
      asked: model.addresseeOf(asked.model),
    };
    const said = [...added];
    let ready: Promise<void> | undefined;
    const record = await history.run(request, async (identity, underWay) => {
      const turns = conversationTurns(latest(session.window, model.maxInputChars / 2), added);
      await observer?.begun(identity, underWay);
      const { text, finishReason, ...provenance } = await this.#answer(
        { turns, ...asked },
        { signal, origin: { requestId: caller.requestId, recordId: identity.id } },
        observer,
      );
      const answer: ChatTurn = { role: 'assistant', content: text };
      said.push(answer);
      // Beside the commit, not after it; nobody waits for it before that has gone well.
      ready = sessions.begin(session, caller);
      ready.catch(() => undefined);
      return {
        provenance,
        artifacts: turnFiles(identity, session, added, { ...answer, finishReason }),
        meta: { finishReason, promptVersion: PROMPT_VERSION, attempts: provenance.attempts },
      };
    });
    // An answer of an earlier request with the same key: its process may have died before the session had it.
    if (!ready) await this.#adopt(session, record);
    else {
      observer?.recorded(record);
      await ready;
      await sessions.append(session, { id: record.id, messages: keepsTexts(record) ? said : null }, caller);
    }
    return record;
  }

  /**
   * Adds the turn of a recorded answer to its session where it is missing there, because whoever made it died or could not; once,
   * however often it is called. Throws SERVICE_UNAVAILABLE when the store is away.
   */
  async adopt(record: HistoryRecord): Promise<void> {
    if (record.status !== 200) return;
    const session = await this.parts.sessions.open(record.userId, String(record.meta.params['sessionId']));
    if (!session.stored?.state.turns.includes(record.id)) await this.#adopt(session, record);
  }

  async #adopt(session: OpenSession, record: HistoryRecord): Promise<void> {
    const { sessions } = this.parts;
    const messages = keepsTexts(record) ? await sessions.turnOf(record) : null;
    // The turn's file has expired.
    if (keepsTexts(record) && !messages) return;
    await sessions.begin(session, record);
    await sessions.append(session, { id: record.id, messages }, record);
  }

  /** What was said before a stop is the answer then. How many tokens that took nobody says, nor, of a paid one, what it cost. */
  async #answer(
    request: ChatRequest,
    { signal, origin }: { readonly signal: AbortSignal; readonly origin: CallOrigin },
    observer?: TurnObserver,
  ): Promise<Completion> {
    const { model, timeoutMs } = this.parts;
    let said = '';
    const onDelta = async (text: string): Promise<void> => {
      said += text;
      await observer?.delta(text);
    };
    try {
      return await model.chat(request, { ...callWithin(timeoutMs, signal, origin), ...(observer && { onDelta }) });
    } catch (error) {
      if (!(signal.reason instanceof StopRequested) || said === '') throw error;
      const input = request.turns.map(({ content }) => content).join('\n');
      const tokens = estimatedUsage(input, said);
      const { spent, attempts } = attemptsOf(error);
      const costUsd = spent ? spent.costUsd : 0;
      return { text: said, finishReason: 'stopped', ...model.addresseeOf(request.model), tokens, costUsd, attempts };
    }
  }
}

function keepsTexts({ meta }: HistoryRecord): boolean {
  return meta['promptStorage'] !== 'hash';
}

/** The end of a conversation that has no more characters than this, so that one with long messages never becomes too long to go on. */
function latest(window: readonly ChatTurn[], maxChars: number): readonly ChatTurn[] {
  let left = maxChars;
  const start = window.findLastIndex(({ content }) => (left -= content.length) < 0);
  return window.slice(start + 1);
}

function turnFiles(
  identity: RecordIdentity,
  { storageId, sessionId }: OpenSession,
  messages: readonly ChatTurn[],
  output: ChatTurn & { readonly finishReason: string },
): Artifact[] {
  const { id, createdAt } = identity;
  const { role, content } = output;
  const turn = { id, sessionId, createdAt: createdAt.toISOString(), messages, assistantMessage: { role, content } };
  const key = messageKey(storageId, identity);
  return [
    { name: 'output', at: { path: 'output.json' }, bytes: jsonBytes(output), contentType: JSON_TYPE },
    { name: 'message', at: { key }, bytes: jsonBytes(turn), contentType: JSON_TYPE },
  ];
}
