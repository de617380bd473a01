import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Account, LlmUnderTest } from './llm-subgraph.js';

/** Fields of a record that every service's test asks for. */
export const RECORD_FIELDS = `
  id status prompt promptHash provider model latencyMs tokens { in out } size { inputBytes outputBytes } cost { usd }
  createdAt requestId error meta owner { id } event { id }
`;

export interface RecordReply {
  readonly id: string;
  readonly status: number;
  readonly prompt: string;
  readonly promptHash: string;
  readonly size: { readonly inputBytes: number; readonly outputBytes: number };
  readonly createdAt: string;
  readonly requestId: string;
  readonly meta: { readonly params: Record<string, unknown> };
  readonly error: string | null;
  readonly owner: { readonly id: string };
  readonly event: { readonly id: string };
  readonly s3: Record<string, string | null>;
}

/** `requests/{yyyy}/{mm}/{dd}/{id}/` of §3.3. */
export function baseOf({ id, createdAt }: Pick<RecordReply, 'id' | 'createdAt'>): string {
  return `requests/${createdAt.slice(0, 10).replaceAll('-', '/')}/${id}/`;
}

/** Checks record.json and input.json against the reply and what was sent; returns record.json. */
export async function expectRecorded(
  llm: LlmUnderTest,
  reply: RecordReply,
  sent: { account: Account; input: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  const base = baseOf(reply);
  expect(reply.s3).toMatchObject({ record: `${base}record.json`, input: `${base}input.json` });
  const input = await llm.bytes(`${base}input.json`);
  expect(JSON.parse(input.toString('utf8'))).toEqual(sent.input);
  const record = await llm.json(`${base}record.json`);
  const { owner, event: _event, s3: _s3, requestId, error, ...same } = reply;
  expect(record).toMatchObject(pick(same, Object.keys(record)));
  expect(record).toMatchObject({ userId: sent.account.id, username: sent.account.email });
  expect(owner).toEqual({ id: sent.account.id });
  expect(record['meta']).toMatchObject({ requestId, ...(error !== null && { error }) });
  expect(reply.promptHash).toBe(`sha256:${createHash('sha256').update(reply.prompt).digest('hex')}`);
  expect(reply.size.inputBytes).toBe(input.length);
  return record;
}

function pick(from: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
