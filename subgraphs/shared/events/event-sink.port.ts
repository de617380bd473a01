import type { DeliverableEvent } from './usage-event.js';

/** Where services report what happened. */
export interface EventSink {
  /**
   * Delivers events; one that is already there is skipped, so it is safe to repeat.
   * Throws BAD_USER_INPUT or PAYLOAD_TOO_LARGE when analytics finds fault with them, and SERVICE_UNAVAILABLE when it cannot
   * be reached or does not take any now; nothing is known to be delivered then.
   */
  deliver(events: readonly DeliverableEvent[]): Promise<void>;
}
