import { z } from 'zod';
import type { LlmService } from '#shared/history/history.port.js';

const QUERY = `query RecordedEventIds($service: EventService!, $after: ID) {
  recordedEventIds(service: $service, after: $after)
}`;
const PAGE = 1_000;
const TIMEOUT_MS = 30_000;

const reply = z.object({ data: z.object({ recordedEventIds: z.array(z.string()) }) });

export interface AnalyticsAccess {
  readonly analyticsUrl: string;
  readonly signToken: () => string;
}

/** Ids of all events that services delivered about one of them. */
export async function recordedEvents({ analyticsUrl, signToken }: AnalyticsAccess, service: LlmService) {
  const ids = new Set<string>();
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
    if (!parsed.success) throw new Error(`analytics answers ${answer.status}: ${JSON.stringify(body).slice(0, 300)}`);
    const page = parsed.data.data.recordedEventIds;
    for (const id of page) ids.add(id);
    after = page.at(-1);
    if (page.length < PAGE) return ids;
  }
}
