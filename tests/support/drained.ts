import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { System } from './system.js';

const WITHIN_MS = 60_000;

/** Waits until all that was committed is settled: the outboxes are empty then. */
export async function drained(
  { keys }: Pick<System, 'keys'>,
  services: readonly string[] = LLM_SERVICES,
): Promise<void> {
  const until = Date.now() + WITHIN_MS;
  for (;;) {
    const left = (await Promise.all(services.map((service) => keys(service, 'outbox/')))).flat();
    if (left.length === 0) return;
    if (Date.now() > until) throw new Error(`still in the outbox: ${left.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
