import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import sharp from 'sharp';
import { restClient, signUp, type Account, type RestClient } from '../support/rest-client.js';
import { startSystem, type System } from '../support/system.js';

interface RecordJson {
  id: string;
  userId: string;
  username: string;
  service: string;
  provider: string;
  model: string;
  prompt: string;
  promptHash: string;
  status: number;
  latencyMs: number;
  tokens: { in: number; out: number };
  size: { inputBytes: number; outputBytes: number };
  cost: { usd: number };
  createdAt: string;
  artifacts: Record<string, string>;
  meta: { params: Record<string, unknown>; requestId: string };
}
interface LlmReply {
  id: string;
  s3: Record<string, string>;
  sessionId?: string;
  assistantMessage?: { role: string; content: string };
}

const SPANISH = await readFile(new URL('../fixtures/don-quijote.es.txt', import.meta.url), 'utf8');
const ENGLISH = await readFile(new URL('../fixtures/moby-dick.en.txt', import.meta.url), 'utf8');

const RECORD_FIELDS = [
  ...['id', 'userId', 'username', 'service', 'provider', 'model', 'prompt', 'promptHash', 'status', 'latencyMs'],
  ...['tokens', 'size', 'cost', 'createdAt', 'artifacts', 'meta'],
];

let system: System;
let send: RestClient;
let account: Account;
const replies: Record<'spanish' | 'english' | 'bullets' | 'chat' | 'image', LlmReply> = {} as never;

/** The five steps of the original's quickstart, as httpie sends them, with two real texts besides. */
beforeAll(async () => {
  system = await startSystem();
  send = restClient(system.url);
  const registered = await signUp(send, 'test@dev.com');
  const login = await send<{ accessToken: string }>('POST /auth/login', {
    json: { email: 'test@dev.com', password: 'secret123' },
  });
  account = { ...registered, token: login.body.accessToken };
  replies.bullets = await llm('POST /summarize', { text: 'Explica fiebre amarilla en 5 bullets', length: 'short' });
  replies.spanish = await llm('POST /summarize', { text: SPANISH, length: 'short' });
  replies.english = await llm('POST /summarize', { text: ENGLISH, length: 'med', style: 'bullet' });
  expect((await send('GET /chat/session', { token: account.token })).status).toBe(200);
  replies.chat = await llm('POST /chat/message', { sessionId: 'demo', messages: [{ role: 'user', content: 'Hola' }] });
  replies.image = await llm('POST /image/generate', { prompt: 'alpaca cyberpunk' });
});
afterAll(() => system?.stop());

async function llm(route: string, json: unknown): Promise<LlmReply> {
  const reply = await send<LlmReply>(route, { json, token: account.token });
  if (reply.status !== 200) throw new Error(`${route}: ${reply.status} ${reply.text}`);
  return reply.body;
}

const recordOf = (service: string, reply: LlmReply) => system.json<RecordJson>(service, reply.s3['record'] ?? '');
const inputOf = (service: string, reply: LlmReply) =>
  system.json(service, (reply.s3['record'] ?? '').replace('record.json', 'input.json'));

describe('what the history holds after the quickstart', () => {
  it.each([
    ['summarize', 'bullets'],
    ['summarize', 'spanish'],
    ['summarize', 'english'],
    ['chat', 'chat'],
    ['image', 'image'],
  ] as const)('%s: the record of "%s" has every field of the original, in its order', async (service, name) => {
    const record = await recordOf(service, replies[name]);
    expect(Object.keys(record)).toEqual(RECORD_FIELDS);
    expect(record).toMatchObject({
      id: replies[name].id,
      userId: account.id,
      username: 'test@dev.com',
      service,
      status: 200,
    });
    expect(record.promptHash).toBe(`sha256:${createHash('sha256').update(record.prompt).digest('hex')}`);
    const [yyyy, mm, dd] = record.createdAt.slice(0, 10).split('-');
    expect(replies[name].s3['record']).toBe(`requests/${yyyy}/${mm}/${dd}/${record.id}/record.json`);
    expect(record.provider).toBe('local');
    expect(record.cost).toEqual({ usd: 0 });
  });

  it('summarize: input.json is what was asked, summary.txt is taken from the text', async () => {
    expect(await inputOf('summarize', replies.spanish)).toEqual({ text: SPANISH, length: 'short' });
    expect(await inputOf('summarize', replies.english)).toEqual({ text: ENGLISH, length: 'med', style: 'bullet' });
    const spanish = (await system.object('summarize', replies.spanish.s3['summary'] ?? '')).toString('utf8');
    const english = (await system.object('summarize', replies.english.s3['summary'] ?? '')).toString('utf8');
    expect(spanish.length).toBeGreaterThan(40);
    expect(spanish.length).toBeLessThan(SPANISH.length / 2);
    const bullets = english.trim().split('\n');
    expect(bullets.length).toBeGreaterThan(1);
    const flat = ENGLISH.replaceAll(/\s+/g, ' ');
    for (const bullet of bullets) {
      expect(bullet).toMatch(/^- /);
      expect(flat).toContain(bullet.slice(2).trim());
    }
  });

  it('image: a PNG of the asked size and a smaller JPEG', async () => {
    expect(await inputOf('image', replies.image)).toMatchObject({ prompt: 'alpaca cyberpunk', size: '1024x1024' });
    const original = await sharp(await system.object('image', replies.image.s3['image'] ?? '')).metadata();
    const preview = await sharp(await system.object('image', replies.image.s3['preview'] ?? '')).metadata();
    expect(original).toMatchObject({ format: 'png', width: 1024, height: 1024 });
    expect(preview.format).toBe('jpeg');
    expect(preview.width).toBeLessThan(1024);
    const record = await recordOf('image', replies.image);
    expect(record.artifacts).toEqual({ image: replies.image.s3['image'], preview: replies.image.s3['preview'] });
    expect(replies.image.s3['image']).toMatch(/\/image\/original\.png$/);
  });

  it('chat: the turn is in the request, in the session state and among the session messages', async () => {
    expect(replies.chat.sessionId).toBe('demo');
    expect(replies.chat.assistantMessage?.content.length).toBeGreaterThan(0);
    expect(await inputOf('chat', replies.chat)).toEqual({
      sessionId: 'demo',
      messages: [{ role: 'user', content: 'Hola' }],
    });
    const output = await system.json('chat', replies.chat.s3['output'] ?? '');
    expect(output).toMatchObject({ role: 'assistant', content: replies.chat.assistantMessage?.content });
    const session = await send<{ s3Keys: { state: string; messages: string[]; records: string[] } }>(
      'GET /chat/session/demo',
      {
        token: account.token,
      },
    );
    expect(session.body.s3Keys.records).toEqual([replies.chat.s3['record']]);
    expect(session.body.s3Keys.messages).toHaveLength(1);
    const sessionKeys = await system.keys('chat', 'sessions/');
    expect(sessionKeys).toEqual(expect.arrayContaining([session.body.s3Keys.state, ...session.body.s3Keys.messages]));
    expect(JSON.stringify(await system.json('chat', session.body.s3Keys.state))).toContain('Hola');
  });

  it('each service: one line per request in the index of the day', async () => {
    await system.events(account.id, 5);
    for (const [service, names] of [
      ['summarize', ['bullets', 'spanish', 'english']],
      ['chat', ['chat']],
      ['image', ['image']],
    ] as const) {
      const [key, ...others] = await system.keys(service, `users/${account.id}/${service}/history/`);
      expect(others).toEqual([]);
      const lines = (await system.object(service, key ?? '')).toString('utf8').trimEnd().split('\n');
      const indexed = lines.map((line) => JSON.parse(line) as { id: string; record: string });
      expect(indexed.map(({ id }) => id).toSorted()).toEqual(names.map((name) => replies[name].id).toSorted());
      for (const { id, record } of indexed) expect((await system.json<RecordJson>(service, record)).id).toBe(id);
    }
  });
});

describe('what analytics counts after the quickstart', () => {
  let events: Document[];
  let records: RecordJson[];
  beforeAll(async () => {
    events = await system.events(account.id, 5);
    records = await Promise.all([
      ...(['bullets', 'spanish', 'english'] as const).map((name) => recordOf('summarize', replies[name])),
      recordOf('chat', replies.chat),
      recordOf('image', replies.image),
    ]);
  });

  it('one event per record, with the figures of the record', () => {
    expect(events).toHaveLength(5);
    for (const record of records) {
      const event = events.find(({ requestId }) => requestId === record.meta.requestId);
      const { userId, username, service, provider, model, latencyMs, status, tokens, size, cost } = record;
      expect(event).toMatchObject({
        userId,
        username,
        service,
        provider,
        model,
        latencyMs,
        status,
        tokens,
        size,
        cost,
      });
    }
  });

  it('GET /analytics/user/:id/overview adds them up', async () => {
    const { body } = await send(`GET /analytics/user/${account.id}/overview`, { token: account.token });
    const sum = (figure: (record: RecordJson) => number) =>
      records.reduce((total, record) => total + figure(record), 0);
    expect(body).toMatchObject({
      usoTotal: 5,
      serviciosDistintos: 3,
      topServicios: [
        { service: 'summarize', count: 3 },
        { service: 'chat', count: 1 },
        { service: 'image', count: 1 },
      ],
      errorRate: 0,
      consumo: {
        tokensIn: sum(({ tokens }) => tokens.in),
        tokensOut: sum(({ tokens }) => tokens.out),
        inputBytes: sum(({ size }) => size.inputBytes),
        outputBytes: sum(({ size }) => size.outputBytes),
        usd: 0,
      },
    });
    const latencies = records.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
    expect(body['latencia']).toEqual({ p50: latencies[2], p95: latencies[4] });
  });

  it('GET /analytics/user/:id/timeseries, perf and costs agree with it', async () => {
    const get = (what: string, query: Record<string, string> = {}) =>
      send(`GET /analytics/user/${account.id}/${what}`, { token: account.token, query }).then(
        ({ body }) => body as never,
      );
    const { series } = (await get('timeseries', { bucket: 'day' })) as { series: { service: string; count: number }[] };
    expect(series.reduce((total, { count }) => total + count, 0)).toBe(5);
    const { services } = (await get('perf')) as { services: { service: string; requests: number }[] };
    expect(Object.fromEntries(services.map(({ service, requests }) => [service, requests]))).toEqual({
      summarize: 3,
      chat: 1,
      image: 1,
    });
    const { models } = (await get('costs')) as { models: { requests: number; usd: number }[] };
    expect(models.reduce((total, { requests }) => total + requests, 0)).toBe(5);
    expect(models.every(({ usd }) => usd === 0)).toBe(true);
  });
});

describe('the request id', () => {
  it('ties reply, record and event together', async () => {
    const requestId = '0198c0de-0000-4000-8000-000000000001';
    const reply = await send<LlmReply>('POST /chat/message', {
      token: account.token,
      headers: { 'x-request-id': requestId },
      json: { sessionId: 'demo', messages: [{ role: 'user', content: '¿Qué te dije antes?' }] },
    });
    expect(reply.headers['x-request-id']).toBe(requestId);
    expect((await recordOf('chat', reply.body)).meta.requestId).toBe(requestId);
    const events = await system.events(account.id, 6);
    expect(events.filter((event) => event['requestId'] === requestId)).toHaveLength(1);
    expect(reply.body.assistantMessage?.content).toContain('Hola');
  });
});
