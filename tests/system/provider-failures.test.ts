import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ERROR_CODES, type ErrorCode } from '#shared/errors/error-codes.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { LlmService } from '#shared/history/history.port.js';
import { drained } from '../support/drained.js';
import {
  fails,
  inTurn,
  isSilent,
  paints,
  says,
  sends,
  startProviderDouble,
  type ProviderDouble,
  type Respond,
} from '../support/provider-double.js';
import { sendGraphql } from '../support/graphql-client.js';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

/** What a client was told, by whichever door. */
interface Answer {
  /** By GraphQL the one that its code stands for. */
  readonly status: number;
  readonly code: ErrorCode | null;
  readonly requestId: string | undefined;
  readonly text: string;
  /** Seconds after which the client may ask again, where it is told. */
  readonly retryAfterSec: number | undefined;
}

interface Door {
  readonly name: string;
  readonly service: LlmService;
  readonly provider: string;
  readonly model: string;
  ask(token: string): Promise<Answer>;
}

interface RecordJson {
  readonly id: string;
  readonly artifacts: object;
  readonly meta: { readonly attempts?: readonly { readonly outcome: string }[] };
}

const TIMEOUT_MS = 2_500;
/** Clocks of two processes and of their timers differ a little. */
const NEARLY_MS = TIMEOUT_MS - 100;
const SLOW_MS = 600;
const MESSAGES = [{ role: 'user', content: 'Hola' }];
const COMPLETIONS = { provider: 'openai-compatible', model: 'some-model' };

const DOORS: readonly Door[] = [
  {
    name: 'POST /chat/message',
    service: 'chat',
    ...COMPLETIONS,
    ask: (token) => byRest('POST /chat/message', { sessionId: 'demo', messages: MESSAGES }, token),
  },
  {
    name: 'Mutation.sendChatMessage',
    service: 'chat',
    ...COMPLETIONS,
    ask: (token) =>
      byGraphql(
        'mutation ($input: SendChatMessageInput!) { sendChatMessage(input: $input) { id status } }',
        { sessionId: 'demo', messages: MESSAGES },
        token,
      ),
  },
  {
    name: 'POST /summarize',
    service: 'summarize',
    ...COMPLETIONS,
    ask: (token) => byRest('POST /summarize', { text: 'A long story.', length: 'short' }, token),
  },
  {
    name: 'POST /image/generate',
    service: 'image',
    provider: 'stability',
    model: 'core',
    ask: (token) => byRest('POST /image/generate', { prompt: 'a lighthouse', size: '64x64' }, token),
  },
];

/** How a provider answers well, and what of. */
interface Well {
  readonly respond: Respond;
  readonly contentType: string;
}

const slowly =
  ({ respond }: Well): Respond =>
  (call, response) =>
    setTimeout(() => respond(call, response), SLOW_MS);

/** Breaks the connection off in the middle. */
const cut =
  ({ contentType }: Well): Respond =>
  (_call, response) => {
    response.writeHead(200, { 'content-type': contentType, 'content-length': '5000' });
    response.write('{"id":"completion-1","choices":[', () => response.destroy());
  };

/** Sends a little now and then, and never all of it. */
const drips =
  ({ contentType }: Well): Respond =>
  (_call, response) => {
    response.writeHead(200, { 'content-type': contentType });
    const drop = setInterval(() => response.write(' '), 100);
    response.once('close', () => clearInterval(drop));
  };

interface Case {
  /** What the provider does. */
  readonly it: string;
  respond(well: Well): Respond;
  /** How each call to it ended; the last outcome is the client's. */
  readonly outcomes: readonly ('ok' | ErrorCode)[];
  readonly takesMs?: number;
  readonly retryAfterSec?: number;
}

const CASES: readonly Case[] = [
  { it: 'succeeds', respond: ({ respond }) => respond, outcomes: ['ok'] },
  { it: 'is slow, within the time it has', respond: slowly, outcomes: ['ok'], takesMs: SLOW_MS },
  {
    it: 'is over its limits for a second (429, Retry-After: 1)',
    respond: ({ respond }) => inTurn(fails(429, { 'retry-after': '1' }), respond),
    outcomes: ['RATE_LIMITED', 'ok'],
    takesMs: 1_000,
  },
  {
    it: 'is over its limits for longer than a client waits (429, Retry-After: 60)',
    respond: () => fails(429, { 'retry-after': '60' }),
    outcomes: ['RATE_LIMITED'],
    retryAfterSec: 60,
  },
  { it: 'fails (500)', respond: () => fails(500), outcomes: ['UPSTREAM_ERROR', 'UPSTREAM_ERROR'] },
  { it: 'is a black hole', respond: () => isSilent, outcomes: ['UPSTREAM_TIMEOUT'], takesMs: NEARLY_MS },
  { it: 'is cut in the middle of its answer', respond: cut, outcomes: ['UPSTREAM_ERROR', 'UPSTREAM_ERROR'] },
  { it: 'sends garbage', respond: ({ contentType }) => sends('<<<', contentType), outcomes: ['UPSTREAM_ERROR'] },
  { it: 'is too slow', respond: drips, outcomes: ['UPSTREAM_TIMEOUT'], takesMs: NEARLY_MS },
];

let double: ProviderDouble;
let system: System;
let send: RestClient;
let picture: Buffer;
let accounts = 0;
beforeAll(async () => {
  double = await startProviderDouble();
  picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
  system = await startSystem({
    LLM_PROVIDERS: 'openai-compatible',
    LLM_BASE_URL: double.baseUrl,
    LLM_MODEL: 'some-model',
    IMAGE_PROVIDERS: 'stability',
    STABILITY_BASE_URL: double.origin,
    STABILITY_API_KEY: 'key-of-ours',
    LLM_MAX_RETRIES: '1',
    LLM_TIMEOUT_MS: String(TIMEOUT_MS),
  });
  send = restClient(system.url);
});
afterAll(async () => {
  await system?.stop();
  double?.close();
});

async function byRest(route: string, json: object, token: string): Promise<Answer> {
  const { status, headers, body, text } = await send<{ status?: number; code?: ErrorCode; requestId?: string }>(route, {
    token,
    json,
  });
  if (status === 200) return { status, code: null, requestId: undefined, text, retryAfterSec: undefined };
  expect(headers['content-type']).toContain('application/problem+json');
  expect(body.status).toBe(status);
  const asked = headers['retry-after'];
  const retryAfterSec = asked === undefined ? undefined : Number(asked);
  return { status, code: body.code ?? null, requestId: body.requestId, text, retryAfterSec };
}

async function byGraphql(query: string, input: object, token: string): Promise<Answer> {
  const { data, errors, text } = await sendGraphql(system.url, { query, variables: { input }, token });
  const [error] = errors;
  if (!error) return { status: 200, code: null, requestId: undefined, text, retryAfterSec: undefined };
  expect({ data, errors }).toMatchObject({ data: null, errors: [{ extensions: { retryable: true } }] });
  const { code, retryAfterSec } = error.extensions as { code: ErrorCode; retryAfterSec?: number };
  return { status: ERROR_CODES[code].http, code, requestId: undefined, text, retryAfterSec };
}

async function newAccount(): Promise<Account> {
  accounts += 1;
  return signUp(send, `ana${accounts}@example.com`);
}

async function recordKeys(service: string): Promise<string[]> {
  const keys = await system.keys(service, 'requests/');
  if (keys.length >= 1000) throw new Error('there are more objects than one listing has');
  return keys.filter((key) => key.endsWith('/record.json'));
}

describe.each(DOORS)('$name', ({ service, provider, model, ask }) => {
  let well: Well;
  let others: ReadonlySet<string>;
  let ana: Account;
  beforeEach(async () => {
    // An answer in between keeps the failures that the tests cause from opening the circuit breaker.
    well =
      service === 'image'
        ? { respond: paints(picture), contentType: 'image/png' }
        : { respond: says('Very well.'), contentType: 'application/json' };
    double.respond = well.respond;
    expect(await ask((await newAccount()).token)).toMatchObject({ status: 200 });
    double.reset();
    others = new Set(await recordKeys(service));
    ana = await newAccount();
  });

  /** The one record that is new, checked against the one event of the account. */
  async function recorded(expected: object): Promise<RecordJson> {
    await drained(system, [service]);
    const added = (await recordKeys(service)).filter((key) => !others.has(key));
    expect(added).toHaveLength(1);
    const record = await system.json<RecordJson>(service, added[0]!);
    const figures = { userId: ana.id, service, provider, model, ...expected };
    expect(record).toMatchObject(figures);
    const events = await system.events(ana.id, 1);
    expect(events.map(({ _id, ...event }) => ({ id: String(_id), ...event }))).toEqual([
      expect.objectContaining({ id: eventIdOf(record.id), ...figures }),
    ]);
    return record;
  }

  it.each(CASES)('answers, records once and reports once when its provider $it', async (example) => {
    double.respond = example.respond(well);
    const last = example.outcomes.at(-1)!;
    const code = last === 'ok' ? null : last;
    const status = code ? ERROR_CODES[code].http : 200;
    const startedAt = performance.now();
    const answer = await ask(ana.token);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(example.takesMs ?? 0);
    expect(answer).toMatchObject({ status, code, retryAfterSec: example.retryAfterSec });
    const { meta, artifacts } = await recorded({ status });
    expect(meta.attempts?.map(({ outcome }) => outcome)).toEqual(example.outcomes);
    expect(double.calls).toHaveLength(example.outcomes.length);
    await Promise.all(double.calls.map(({ closed }) => closed));
    if (!code) return;
    expect(meta).toMatchObject({ error: code, requestId: answer.requestId ?? expect.any(String) });
    expect(artifacts).toEqual({});
    const internals = /gpu-17|org-secret|quota|127\.0\.0\.1|some-model|stability|key-of-ours|stack|<<</i;
    expect(answer.text).not.toMatch(internals);
    expect(answer.text).not.toContain(new URL(double.origin).port);
    expect(JSON.stringify(meta)).not.toMatch(/gpu-17|org-secret|key-of-ours|<<</);
  });
});
