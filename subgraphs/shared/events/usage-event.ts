import { createHash } from 'node:crypto';

/** Those that ask models, and keep a history. */
export const LLM_SERVICES = ['image', 'summarize', 'chat'] as const;
export const EVENT_SERVICES = [...LLM_SERVICES, 'gateway'] as const;
export type EventService = (typeof EVENT_SERVICES)[number];

/** Who said that it happened: one of our services, or the user about itself. */
export type EventOrigin = 'service' | 'user';

/** One request as analytics counts it: the document of §3.2 of the original specification, `_id` apart. */
export interface UsageEvent {
  /** ISO 8601, UTC. */
  readonly ts: string;
  readonly userId: string;
  readonly username: string;
  readonly service: EventService;
  readonly action: string;
  readonly requestId: string;
  readonly provider: string;
  readonly model: string;
  readonly latencyMs: number;
  /** HTTP status of the request's outcome. */
  readonly status: number;
  readonly tokens: { readonly in: number; readonly out: number };
  readonly size: { readonly inputBytes: number; readonly outputBytes: number };
  /** US dollars; null when the model's price is unknown. */
  readonly cost: { readonly usd: number | null };
  readonly meta: Readonly<Record<string, unknown>>;
}

/** An event on its way from a service to analytics; its id makes a second delivery harmless. */
export interface DeliverableEvent extends UsageEvent {
  /** 24 hex digits, see {@link eventIdOf}. */
  readonly id: string;
}

/** The event's ObjectId, derived from the record's id: a record can only ever become one event. */
export function eventIdOf(recordId: string): string {
  return createHash('sha256').update(`event:${recordId}`).digest('hex').slice(0, 24);
}
