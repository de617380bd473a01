import { z } from 'zod';
import { EVENT_SERVICES } from '#shared/events/usage-event.js';
import type { LlmService } from '#shared/history/history.port.js';
import { eventDigest } from './event-digest.js';

const QUERY = `query RecordedEvents($service: EventService!, $after: ID) {
  recordedEvents(service: $service, after: $after) {
    id ts owner { id } username service action requestId provider model latencyMs status
    tokens { in out } size { inputBytes outputBytes } cost { usd } meta
  }
}`;
const PAGE = 1_000;
const TIMEOUT_MS = 30_000;

const event = z.object({
  id: z.string(),
  ts: z.string(),
  owner: z.object({ id: z.string() }),
  username: z.string(),
  service: z.enum(EVENT_SERVICES),
  action: z.string(),
  requestId: z.string(),
  provider: z.string(),
  model: z.string(),
  latencyMs: z.number(),
  status: z.number(),
  tokens: z.object({ in: z.number(), out: z.number() }),
  size: z.object({ inputBytes: z.number(), outputBytes: z.number() }),
  cost: z.object({ usd: z.number().nullable() }),
  meta: z.record(z.string(), z.unknown()),
});
const reply = z.object({ data: z.object({ recordedEvents: z.array(event) }) });
/** What analytics refuses with, without the data that it may have sent. */
const refusal = z.object({ errors: z.array(z.object({ message: z.string() })) });

export interface AnalyticsAccess {
  readonly analyticsUrl: string;
  readonly signToken: () => string;
}

/** All events that services delivered about one of them: id → digest of what it says. */
export async function recordedEvents(
  { analyticsUrl, signToken }: AnalyticsAccess,
  service: LlmService,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  let after: string | undefined;
  for (;;) {
    const answer = await fetch(`${analyticsUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${signToken()}` },
      body: JSON.stringify({ query: QUERY, variables: { service, after } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await answer.json();
    const parsed = reply.safeParse(body);
    if (!parsed.success) throw new Error(`analytics answers ${answer.status}: ${reasonOf(body)}`);
    const page = parsed.data.data.recordedEvents;
    for (const { owner, ...rest } of page) digests.set(rest.id, eventDigest({ ...rest, userId: owner.id }));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return digests;
  }
}

function reasonOf(body: unknown): string {
  const parsed = refusal.safeParse(body);
  return parsed.success ? parsed.data.errors.map(({ message }) => message).join('; ') : 'no events of the known form';
}
