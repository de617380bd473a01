import type { EventSink } from '#shared/events/event-sink.port.js';
import type { DeliverableEvent } from '#shared/events/usage-event.js';
import { ForwardingStore } from '../store/forwarding-store.js';
import type { ObjectStore, PutOptions } from '../store/object-store.port.js';

/**
 * Where a process is to die, for tests of what is left then: `put:record:after:2` is right after the second write of a
 * record. Operations are `put`, `delete` and `deliver`; what they are about, see {@link subjectOf}. Never in production.
 */
export const FAULT_POINT = /^(put|delete|deliver):([a-z]+):(before|after):([1-9]\d*)$/;

interface FaultSettings {
  readonly FAULT_POINT?: string | undefined;
  readonly NODE_ENV?: string;
}

interface Doors {
  readonly store: ObjectStore;
  readonly events: EventSink;
}

/** The store and analytics as they are, or with the point in them at which the process is to die. */
export function withFault({ FAULT_POINT: point, NODE_ENV }: FaultSettings, doors: Doors): Doors {
  if (point === undefined || NODE_ENV === 'production') return doors;
  const fault = new Fault(point);
  return { store: new FaultyStore(doors.store, fault), events: new FaultySink(doors.events, fault) };
}

/** Dies as by a crash at one point of the commit protocol. */
class Fault {
  readonly #name: string;
  readonly #when: 'before' | 'after';
  #left: number;

  constructor(text: string) {
    const [, operation = '', subject = '', when = 'before', nth = '1'] = FAULT_POINT.exec(text) ?? [];
    this.#name = `${operation}:${subject}`;
    this.#when = when === 'after' ? 'after' : 'before';
    this.#left = Number(nth);
  }

  async around<T>(operation: string, subject: string, work: () => Promise<T>): Promise<T> {
    const isMeant = `${operation}:${subject}` === this.#name && (this.#left -= 1) === 0;
    if (isMeant && this.#when === 'before') await die();
    const result = await work();
    if (isMeant) await die();
    return result;
  }
}

/** A store on which writes and removals may be the last that the process does. */
class FaultyStore extends ForwardingStore {
  constructor(
    inner: ObjectStore,
    private readonly fault: Fault,
  ) {
    super(inner);
  }

  override put(key: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    return this.fault.around('put', subjectOf(key), () => this.inner.put(key, bytes, options));
  }

  override delete(key: string): Promise<void> {
    return this.fault.around('delete', subjectOf(key), () => this.inner.delete(key));
  }

  override deleteAll(keys: readonly string[]): Promise<void> {
    return this.fault.around('delete', subjectOf(keys[0] ?? ''), () => this.inner.deleteAll(keys));
  }
}

class FaultySink implements EventSink {
  constructor(
    private readonly inner: EventSink,
    private readonly fault: Fault,
  ) {}

  deliver(events: readonly DeliverableEvent[]): Promise<void> {
    return this.fault.around('deliver', 'events', () => this.inner.deliver(events));
  }
}

/** What an object is in the commit protocol. */
function subjectOf(key: string): string {
  if (key.startsWith('idempotency/')) return 'claim';
  if (key.startsWith('outbox/')) return 'outbox';
  if (key.endsWith('.jsonl')) return 'index';
  if (key.endsWith('/state.json')) return 'session';
  const file = /\/(input|record)\.json$/.exec(key)?.[1];
  return file ?? 'artifact';
}

/** Nothing is released and nobody is told; what was to come after this never comes. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
