import type { EventSink } from '#shared/events/event-sink.port.js';
import type { DayIndex } from './day-index.js';
import type { HistoryRecord } from '../history.port.js';
import { OutboxReader, type OutboxReaderParts } from './outbox-reader.js';
import { Settler } from './settler.js';
import { settlementOf, type Settlement } from './settlement.js';

export interface RelayParts extends OutboxReaderParts {
  readonly index: DayIndex;
  readonly events: EventSink;
}

/** What analytics takes in one call. */
const LARGEST_BATCH = 500;
/** Records that may wait in memory; what is above that waits in the outbox alone. */
const LONGEST_QUEUE = 5_000;
/** From the beginning of one batch to that of the next: a lone record is settled at once, of many in a row several together. */
const BATCH_EVERY_MS = 200;
const SWEEP_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 1_000;

/**
 * Brings committed records to the index and to analytics, many at a time when there are many. The outbox entry of a record
 * stays until both have it, so what a crash or an outage interrupts is finished by a later sweep, by whichever replica.
 */
export class Relay {
  readonly #settler: Settler;
  readonly #outbox: OutboxReader;
  readonly #queue: Settlement[] = [];
  /** Queued or being settled here, so that a sweep need not look at them. */
  readonly #inHand = new Set<string>();
  #pumping: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Sweeps in a row that left something; analytics is not asked in between while there are any. */
  #failures = 0;
  /** What the outbox holds may lack its index line. */
  #mayLackLines = true;
  #leftSome = false;
  #stopped = false;
  #endPause = (): void => undefined;

  constructor(private readonly parts: RelayParts) {
    this.#settler = new Settler(parts);
    this.#outbox = new OutboxReader(parts);
  }

  /** Sweeps now, from then on every minute, and sooner as long as something is left that could not be settled. */
  start(): void {
    this.#schedule(0);
  }

  /** Settles a record in the background; what fails is left to the sweep. */
  hand(record: HistoryRecord): void {
    if (this.#queue.length >= LONGEST_QUEUE) {
      this.#mayLackLines = true;
      this.#leave();
      return;
    }
    this.#queue.push(settlementOf(record));
    this.#inHand.add(record.id);
    this.#pumping ??= this.#pump().finally(() => (this.#pumping = undefined));
  }

  /** Settles one record now. Safe to run twice and by two replicas at once: each step skips what is already there. */
  async settle(record: HistoryRecord): Promise<void> {
    await this.#settler.settle([settlementOf(record)]);
  }

  /** Settles what the outbox holds; one entry that fails does not keep the others from it. Throws when it cannot be listed. */
  async sweep(): Promise<void> {
    const indexAll = this.#mayLackLines;
    this.#mayLackLines = false;
    let deliver = true;
    for await (const ids of this.#outbox.pages(LARGEST_BATCH)) {
      if (this.#stopped) return;
      const { settlements, unread } = await this.#outbox.read(ids.filter((id) => !this.#inHand.has(id)));
      const left = await this.#settler.settle(settlements, { deliver });
      this.#leftSome ||= unread || left.index || left.events;
      this.#mayLackLines ||= unread || left.index;
      // An analytics that is away is not asked again for each batch; what is only to be delivered can wait.
      deliver &&= !left.events;
      if (!deliver && !indexAll) return;
    }
  }

  /** Begins no more sweeps, ends one that is running after its batch, and settles what was handed over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause();
    clearTimeout(this.#timer);
    await Promise.all([this.#sweeping, this.#pumping]);
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) {
      const pause = this.#pause();
      const batch = this.#queue.splice(0, LARGEST_BATCH);
      const left = await this.#settler.settle(batch, { deliver: this.#failures === 0 });
      for (const { recordId } of batch) this.#inHand.delete(recordId);
      this.#mayLackLines ||= left.index;
      if (left.index || left.events) this.#leave();
      await pause;
    }
  }

  /** Ends early when the relay is stopped. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#endPause = resolve;
      if (this.#stopped) resolve();
      else setTimeout(resolve, BATCH_EVERY_MS).unref();
    });
  }

  /** Something waits in the outbox that a sweep is to settle, soon if the last one left nothing. */
  #leave(): void {
    this.#leftSome = true;
    if (this.#failures > 0 || this.#sweeping) return;
    this.#failures = 1;
    this.#schedule(this.#retryMs());
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweepOnce().finally(() => (this.#sweeping = undefined));
    }, delayMs).unref();
  }

  async #sweepOnce(): Promise<void> {
    const { log } = this.parts;
    this.#leftSome = false;
    try {
      await this.sweep();
    } catch (error) {
      this.#leftSome = true;
      if (this.#failures === 0) log.warn({ err: error }, 'the outbox cannot be read');
    }
    if (this.#failures > 0 && !this.#leftSome) log.info('everything left in the outbox is settled');
    this.#failures = this.#leftSome ? this.#failures + 1 : 0;
    this.#schedule(this.#failures === 0 ? SWEEP_EVERY_MS : this.#retryMs());
  }

  /** Twice as long each time, up to the ordinary interval; different for each replica. */
  #retryMs(): number {
    return Math.min(SWEEP_EVERY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
  }
}
