import { Pool } from 'undici';
import { z } from 'zod';
import type { RevocationSource } from './revocation.js';

const QUERY = `query Revocations($since: DateTimeISO) {
  revocations(since: $since) { asOf revocations { subject issuedUntilSec expiresAtMs } }
}`;

const reply = z.object({
  data: z.object({
    revocations: z.object({
      asOf: z.string(),
      revocations: z.array(
        z.object({ subject: z.string(), issuedUntilSec: z.number().nullable(), expiresAtMs: z.number() }),
      ),
    }),
  }),
});

/** Reads revocations from the auth subgraph; an answer that takes longer than `timeoutMs` counts as none. */
export function openRevocationSource(
  authUrl: string,
  timeoutMs: number,
): { read: RevocationSource; close(): Promise<void> } {
  const url = new URL(`${authUrl}/graphql`);
  const pool = new Pool(url.origin, { connections: 1 });
  return {
    async read(since) {
      const answer = await pool.request({
        path: url.pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY, variables: { since } }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return reply.parse(await answer.body.json()).data.revocations;
    },
    close: () => pool.destroy(),
  };
}
