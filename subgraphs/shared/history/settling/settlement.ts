import { eventIdOf, type DeliverableEvent } from '#shared/events/usage-event.js';
import type { HistoryRecord } from '../history.port.js';
import { placedLineOf, type PlacedLine } from './day-index.js';

/** What is left to do for a committed record. Of the record itself it holds only figures: many may wait in memory. */
export interface Settlement extends PlacedLine {
  readonly recordId: string;
  readonly event: DeliverableEvent;
}

/** As much of a name as analytics takes; models are named by their providers, at any length. */
const LONGEST_NAME = 120;

/** Throws for a record that is none of ours. */
export function settlementOf(record: HistoryRecord): Settlement {
  return { recordId: record.id, ...placedLineOf(record), event: eventOf(record) };
}

/** The event that a record becomes: its figures and parameters, never its prompt. */
export function eventOf(record: HistoryRecord): DeliverableEvent {
  const { userId, username, service, provider, model, latencyMs, status, tokens, size, cost, meta } = record;
  return {
    id: eventIdOf(record.id),
    ts: record.createdAt,
    userId,
    username,
    service,
    action: meta.action,
    requestId: meta.requestId,
    provider: provider.slice(0, LONGEST_NAME),
    model: model.slice(0, LONGEST_NAME),
    latencyMs,
    status,
    tokens,
    size,
    cost,
    meta: { params: meta.params },
  };
}
