// cspell:words autocannon
import autocannon from 'autocannon';

const CONNECTIONS = 20;

export interface GraphqlTarget {
  readonly url: string;
  readonly token: string;
  readonly query: string;
  /** Answers a GET with the number of requests that the subgraphs have had. */
  readonly subgraphCounter: string;
}

export interface Round {
  readonly requestsPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Asks over and over for some seconds. Throws an Error when any answer was not a 200. */
export async function measure(target: GraphqlTarget, seconds: number): Promise<Round> {
  const result = await autocannon({
    url: `${target.url}/graphql`,
    method: 'POST',
    headers: headersFor(target),
    body: JSON.stringify({ query: target.query }),
    connections: CONNECTIONS,
    duration: seconds,
  });
  const failed = result.non2xx + result.errors;
  if (failed > 0) throw new Error(`${failed} requests of ${target.url} failed.`);
  return {
    requestsPerSec: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

/** One answer, as text of its data. Throws an Error with the answer when it has none or has errors. */
export async function answerOf(target: GraphqlTarget): Promise<string> {
  const reply = await fetch(`${target.url}/graphql`, {
    method: 'POST',
    headers: headersFor(target),
    body: JSON.stringify({ query: target.query }),
  });
  const text = await reply.text();
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
  if (!data || errors) throw new Error(`${target.url} answered ${reply.status}: ${text.slice(0, 500)}`);
  return JSON.stringify(data);
}

export function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? Number.NaN;
}

function headersFor({ token }: GraphqlTarget): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${token}` };
}

/** How many requests to subgraphs one query takes. */
export async function fetchesOf(target: GraphqlTarget): Promise<number> {
  const before = await countOf(target);
  await answerOf(target);
  return (await countOf(target)) - before;
}

async function countOf({ subgraphCounter }: GraphqlTarget): Promise<number> {
  return Number(await (await fetch(subgraphCounter)).text());
}
