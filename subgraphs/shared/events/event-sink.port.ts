import type { DeliverableEvent } from './usage-event.js';

/** Where services report what happened. */
export interface EventSink {
  /**
   * Delivers events; one that is already there is skipped, so it is safe to repeat.
   * Throws SERVICE_UNAVAILABLE when analytics cannot be reached or refuses; nothing is known to be delivered then.
   */
  deliver(events: readonly DeliverableEvent[]): Promise<void>;
}
