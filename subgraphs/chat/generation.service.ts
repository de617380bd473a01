import type { RecordedCall } from '#shared/history/graph/recorded-call.js';
import type { History, HistoryRecord, RequestUnderWay } from '#shared/history/history.port.js';
import type { Recorded } from '#shared/history/commit/withheld.js';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import type { StreamHead, StreamLog, StreamOutcome, StreamWriter } from '#shared/streams/stream-log.port.js';
import { StopRequested, type MessageOrder, type MessageService, type TurnObserver } from './message.service.js';

/** How often answers are looked for whose process has died, on average. */
const SWEEP_MS = 4_000;
const ADOPTED_AT_A_TIME = 16;
const NO_SUCH_MESSAGE = 'No such chat message.';

/** A piece of an answer, or, last, the whole turn. */
export type GenerationEvent =
  | { readonly id: string; readonly seq: number; readonly delta: string; readonly record: null }
  | { readonly id: string; readonly seq: number; readonly delta: ''; readonly record: Recorded };

export interface GenerationServiceParts {
  readonly messages: MessageService;
  readonly history: History;
  readonly streams: StreamLog;
  readonly log: Logger;
}

export interface ReadOrder {
  readonly id: string;
  /** The number of the last piece that the reader has. */
  readonly after: number;
}

/** Answers that are read while they are made. An answer does not depend on any one reader's line: see {@link StreamLog}. */
export class GenerationService {
  readonly #running = new Map<Promise<unknown>, AbortController>();
  /** Resolves when the answer of an id, which is being made in this process, is recorded or cannot be. */
  readonly #recorded = new Map<string, Promise<void>>();
  /** Turns made here that their sessions could not be given, by id. */
  readonly #missing = new Map<string, HistoryRecord>();
  #sweeping: Promise<unknown> = Promise.resolve();
  #nextSweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly parts: GenerationServiceParts) {
    this.#scheduleSweep();
  }

  /**
   * Begins an answer and returns the turn's id once it has one; that of the answer which its idempotency key has begun before.
   * Throws what `MessageService.send` throws before that.
   */
  async start(order: MessageOrder, call: RecordedCall): Promise<string> {
    const stop = new AbortController();
    const begun = Promise.withResolvers<string>();
    const joining = this.#joining(call, begun.resolve);
    const running = this.#generate(order, { ...joining, signal: stop.signal }, { stop, begun: begun.resolve });
    this.#running.set(running, stop);
    void running.then(begun.resolve, begun.reject).finally(() => this.#running.delete(running));
    return begun.promise;
  }

  /** The call with a key that joins the stream of an earlier request, where there is one. */
  #joining(call: RecordedCall, joined: (id: string) => void): RecordedCall {
    const { idempotency, userId } = call;
    if (!idempotency) return call;
    const join = async (id: string): Promise<boolean> => {
      const isThere = (await this.parts.streams.find(id))?.userId === userId;
      if (isThere) joined(id);
      return isThere;
    };
    return { ...call, idempotency: { ...idempotency, join } };
  }

  /**
   * The pieces of an answer after `after`, then the turn. Of an answer whose pieces are no longer kept it is the turn alone;
   * of one whose process has died, a failed turn. Throws NOT_FOUND for what is not the user's own.
   */
  async *read({ id, after }: ReadOrder, userId: string, signal: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const { messages, streams, history } = this.parts;
    const head = await streams.find(id);
    if (head && head.userId !== userId) throw new AppError('NOT_FOUND', NO_SUCH_MESSAGE);
    let seq = after;
    let outcome: StreamOutcome | undefined;
    for await (const entry of head ? streams.read(id, { after, signal }) : []) {
      if (entry.kind === 'end') {
        outcome = entry.end.outcome;
        break;
      }
      seq = entry.chunk.seq;
      yield { id, seq, delta: entry.chunk.text, record: null };
    }
    if (signal.aborted) return;
    const record = (await history.find(id)) ?? (head && outcome ? await this.#close(id, head) : null);
    if (record && record.userId === userId) {
      // Nobody is told of an answer that the next message would not know of.
      if (outcome !== 'done' && outcome !== 'stopped') await messages.adopt(record);
      yield { id, seq: seq + 1, delta: '', record: head ? await this.#withAnswer(record, signal) : record };
    } else if (head) throw new AppError('SERVICE_UNAVAILABLE', 'The answer was lost; send the message again.');
    else throw new AppError('NOT_FOUND', NO_SUCH_MESSAGE);
  }

  /** With what was answered, where the store has only its hash, for as long as the log has all of it. */
  async #withAnswer(record: HistoryRecord, signal: AbortSignal): Promise<Recorded> {
    const { id, meta, artifacts } = record;
    if (meta['promptStorage'] !== 'hash' || artifacts['output'] === undefined) return record;
    const pieces: string[] = [];
    let isWhole = false;
    for await (const entry of this.parts.streams.read(id, { after: 0, signal })) {
      isWhole = entry.kind === 'end' && entry.end.outcome !== 'lost';
      if (entry.kind === 'end') break;
      if (entry.chunk.seq !== pieces.push(entry.chunk.text)) return record;
    }
    if (!isWhole) return record;
    const answer = { role: 'assistant', content: pieces.join(''), finishReason: meta['finishReason'] };
    return { ...record, texts: new Map([['output', JSON.stringify(answer)]]) };
  }

  /** Ends an answer where it is; what there is of it is kept. False when it has ended already. Throws NOT_FOUND as `read` does. */
  async stop(id: string, userId: string): Promise<boolean> {
    const { streams, history } = this.parts;
    const owner = (await streams.find(id)) ?? (await history.find(id));
    if (owner?.userId !== userId) throw new AppError('NOT_FOUND', NO_SUCH_MESSAGE);
    return streams.requestStop(id);
  }

  /**
   * Gives answers whose process has died their record, and sessions the turns that they miss, whether anybody reads them or not;
   * once, however many replicas do so. What cannot be done now comes again with a later sweep.
   */
  async sweep(): Promise<void> {
    this.#sweeping = this.#settleAll();
    await this.#sweeping;
  }

  async #settleAll(): Promise<void> {
    const { messages, streams, log } = this.parts;
    const attempt = (recordId: string, settling: Promise<unknown>): Promise<unknown> =>
      settling.catch((error: unknown) => log.warn({ err: error, recordId }, 'an answer could not be settled yet'));
    const adopt = async (record: HistoryRecord): Promise<void> => {
      await messages.adopt(record);
      this.#missing.delete(record.id);
    };
    const adopting = this.#missing.values().map((record) => attempt(record.id, adopt(record)));
    await Promise.all(adopting.take(ADOPTED_AT_A_TIME));
    for (let lost = await streams.lost(); lost.length > 0 && !this.#closed; lost = await streams.lost()) {
      await Promise.all(lost.map((id) => attempt(id, this.#settle(id))));
    }
  }

  /** Waits until what is being generated is recorded; from `overtime` on it is ended where it is. */
  async close(overtime: AbortSignal): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#nextSweep);
    const end = (): void => {
      for (const stop of this.#running.values()) stop.abort(overtime.reason);
    };
    if (overtime.aborted) end();
    overtime.addEventListener('abort', end, { once: true });
    const isOver = new Promise((resolve) => overtime.addEventListener('abort', resolve, { once: true }));
    const sweeping = overtime.aborted ? undefined : Promise.race([this.#sweeping, isOver]);
    await Promise.allSettled([...this.#running.keys(), sweeping]);
  }

  /** An answer that has ended and has no record gets one, and whoever made it can give it no other any more. */
  async #close(id: string, { about }: StreamHead): Promise<HistoryRecord | null> {
    await this.#recorded.get(id);
    return about ? this.parts.history.close(id, about as RequestUnderWay) : null;
  }

  async #settle(id: string): Promise<void> {
    const { streams } = this.parts;
    const head = await streams.find(id);
    // Of what was opened without a word of what it is there is nothing to record.
    if (head?.about) {
      const record = await this.#close(id, head);
      if (!record) return;
      await this.parts.messages.adopt(record);
    }
    await streams.settle(id);
  }

  /** Replicas that were started together do not sweep together for long. */
  #scheduleSweep(): void {
    if (this.#closed) return;
    const afterMs = SWEEP_MS * (0.5 + Math.random());
    this.#nextSweep = setTimeout(() => {
      void this.sweep()
        .catch((error: unknown) => this.parts.log.warn({ err: error }, 'lost answers could not be looked for'))
        .finally(() => this.#scheduleSweep());
    }, afterMs).unref();
  }

  async #generate(
    order: MessageOrder,
    call: RecordedCall,
    { stop, begun }: { stop: AbortController; begun: (id: string) => void },
  ): Promise<string> {
    const { messages, streams, log } = this.parts;
    let writer: StreamWriter | undefined;
    let record: HistoryRecord | undefined;
    const recorded = Promise.withResolvers<void>();
    const observer: TurnObserver = {
      begun: async ({ id }, underWay) => {
        writer = await streams.open(id, { userId: call.userId, about: await underWay() });
        this.#recorded.set(id, recorded.promise);
        void recorded.promise.finally(() => this.#recorded.delete(id));
        writer.stopRequested.addEventListener('abort', () => stop.abort(new StopRequested()), { once: true });
        writer.abandoned.addEventListener('abort', () => stop.abort(new Error('nobody reads')), { once: true });
        begun(id);
      },
      delta: async (text) => writer?.append(text),
      recorded: (made) => (record = made),
    };
    try {
      const { id } = await messages.send(order, call, observer);
      await writer?.end(writer.stopRequested.aborted ? 'stopped' : 'done');
      return id;
    } catch (error) {
      await writer?.end('failed').catch((lost: unknown) => log.warn({ err: lost }, 'a stream did not end well'));
      if (record) {
        this.#missing.set(record.id, record);
        log.warn({ err: error, recordId: record.id }, 'a turn is missing in its session until a later sweep');
      }
      throw error;
    } finally {
      recorded.resolve();
    }
  }
}
