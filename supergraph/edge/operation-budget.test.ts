import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Kind, parse, type OperationDefinitionNode } from 'graphql';
import { createLogger } from '#shared/logging/logger.js';
import { MemoryRateLimiter } from '#shared/rate-limit/memory-rate-limiter.js';
import type { EdgeContext } from './edge-context.js';
import { OperationBudget } from './operation-budget.js';

class Door {
  nowMs = 0;
  readonly #budget = new OperationBudget(new MemoryRateLimiter(() => this.nowMs), { perMinute: 6, signInPerMinute: 2 });

  /** `ok` or the code, and the headers that the reply has. */
  async ask(source: string, from: Partial<EdgeContext> = {}, variables: Record<string, unknown> = {}) {
    const headers: Record<string, string> = {};
    const document = parse(source);
    const operation = document.definitions.find(
      ({ kind }) => kind === Kind.OPERATION_DEFINITION,
    ) as OperationDefinitionNode;
    const context: EdgeContext = {
      viewer: null,
      accessToken: null,
      requestId: randomUUID(),
      clientIp: '192.0.2.1',
      userAgent: null,
      log: createLogger({ level: 'silent', service: 'test' }),
      setReplyHeader: (name, value) => void (headers[name] = value),
      signal: new AbortController().signal,
      ...from,
    };
    const outcome = await this.#budget.charge({ document, operation, variables }, context).then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
    return { outcome, headers };
  }

  async left(source: string, from: Partial<EdgeContext> = {}): Promise<number> {
    for (let accepted = 0; ; accepted += 1) if ((await this.ask(source, from)).outcome !== 'ok') return accepted;
  }
}

const user = (id = randomUUID()): Partial<EdgeContext> => ({
  viewer: { kind: 'user', id, email: 'ana@example.com', role: 'user', sessionId: randomUUID(), promptStorage: 'plain' },
});

describe('OperationBudget', () => {
  it('is per user and root field, wherever the user comes from', async () => {
    const door = new Door();
    const ana = user();
    for (let i = 0; i < 6; i += 1) await door.ask('{ me { id } }', { ...ana, clientIp: `192.0.2.${i}` });
    expect((await door.ask('{ me { id } }', ana)).outcome).toBe('RATE_LIMITED');
    expect((await door.ask('{ image { id } }', ana)).outcome).toBe('ok');
    expect((await door.ask('{ me { id } }', user())).outcome).toBe('ok');
    expect((await door.ask('{ me { id } }')).outcome).toBe('ok');
  });

  it('counts aliases, fragments and repetitions, and leaves out what is skipped', async () => {
    const cost = async (source: string, variables = {}): Promise<number> => {
      const door = new Door();
      await door.ask(source, {}, variables);
      return 6 - (await door.left('{ a }'));
    };
    expect(await cost('{ a b: a c: a }')).toBe(3);
    expect(await cost('{ a a a }')).toBe(3);
    expect(await cost('{ ...F ...F } fragment F on Query { a ... { b: a } }')).toBe(4);
    expect(await cost('{ a @skip(if: true) b: a @include(if: false) c: a }')).toBe(1);
    expect(await cost('query ($no: Boolean!) { a @include(if: $no) b: a }', { no: false })).toBe(1);
    expect(await cost('query ($no: Boolean!) { a @include(if: $no) b: a }', { no: 'no' })).toBe(2);
    expect(await cost('{ ...F @skip(if: true) a } fragment F on Query { b: a c: a }')).toBe(1);
  });

  it('takes all of an operation or nothing', async () => {
    const door = new Door();
    await door.ask('{ a b: a c: a d: a }');
    expect((await door.ask('{ other x: a y: a z: a }')).outcome).toBe('RATE_LIMITED');
    expect(await door.left('{ other }')).toBe(6);
    expect(await door.left('{ a }')).toBe(2);
  });

  it('counts all introspection as one', async () => {
    const door = new Door();
    await door.ask('{ __schema { types { name } } __type(name: "A") { name } __typename }');
    expect(await door.left('{ __typename }')).toBe(3);
  });

  it('counts sign-in by address, also of who is signed in, each operation for itself', async () => {
    const door = new Door();
    for (const field of ['register', 'login', 'refreshSession']) {
      expect(await door.left(`mutation { ${field} }`, user())).toBe(2);
      expect((await door.ask(`mutation { ${field} }`, user())).outcome).toBe('RATE_LIMITED');
      expect((await door.ask(`mutation { ${field} }`, { clientIp: '192.0.2.99' })).outcome).toBe('ok');
    }
    expect((await door.ask('mutation { a: login b: login c: login }', { clientIp: '192.0.2.7' })).outcome).toBe(
      'RATE_LIMITED',
    );
  });

  it.each<[what: string, one: string, other: string, same: boolean]>([
    ['the same IPv4 address', '192.0.2.1', '192.0.2.1', true],
    ['another IPv4 address', '192.0.2.1', '192.0.2.2', false],
    ['an IPv4 address in IPv6 form', '192.0.2.1', '::ffff:192.0.2.1', true],
    ['the same in hexadecimal', '192.0.2.1', '::ffff:c000:201', true],
    ['two IPv4 addresses in IPv6 form', '::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
    ['one /64', '2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', true],
    ['one address in two spellings', '2001:0DB8:0000:0001::1', '2001:db8:0:1::1', true],
    ['two neighbouring /64', '2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['one link-local address on two interfaces', 'fe80::1%eth0', 'fe80::1%eth1', true],
  ])('%s', async (_what, one, other, same) => {
    const door = new Door();
    await door.left('{ a }', { clientIp: one });
    expect((await door.ask('{ a }', { clientIp: other })).outcome).toBe(same ? 'RATE_LIMITED' : 'ok');
  });

  it('tells by headers how each budget stands, and when to come again', async () => {
    const door = new Door();
    const first = await door.ask('{ a b c: a }');
    expect(first.headers).toEqual({
      'ratelimit-policy': '"a";q=6;w=60, "b";q=6;w=60',
      ratelimit: '"a";r=4;t=60, "b";r=5;t=60',
    });
    door.nowMs = 20_500;
    await door.left('{ a }');
    const refused = await door.ask('{ a }');
    expect(refused.outcome).toBe('RATE_LIMITED');
    expect(refused.headers).toEqual({
      'ratelimit-policy': '"a";q=6;w=60',
      ratelimit: '"a";r=0;t=40',
      'retry-after': '40',
    });
    door.nowMs += Number(refused.headers['retry-after']) * 1000;
    expect((await door.ask('{ a }')).outcome).toBe('ok');
  });

  it('never tells of more than a minute, on a clock that counts fractions too', async () => {
    for (const nowMs of [0.1, 1234567.1, 98765.432101, 4.35]) {
      const door = new Door();
      door.nowMs = nowMs;
      expect((await door.ask('{ a }')).headers['ratelimit']).toBe('"a";r=5;t=60');
      await door.left('{ a }');
      expect((await door.ask('{ a }')).headers['retry-after']).toBe('60');
    }
  });

  it('refuses variables that are larger than any input, whatever is left', async () => {
    const door = new Door();
    const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => ({ a: [inner] }), 1);
    expect((await door.ask('{ a }', {}, { x: nested(20) })).outcome).toBe('ok');
    expect((await door.ask('{ a }', {}, { x: nested(40) })).outcome).toBe('BAD_REQUEST');
    expect((await door.ask('{ a }', {}, { x: nested(100_000) })).outcome).toBe('BAD_REQUEST');
    const wide = (length: number): unknown => Array.from({ length }, () => ({ a: 1 }));
    expect((await door.ask('{ a }', {}, { x: wide(4_900) })).outcome).toBe('ok');
    expect((await door.ask('{ a }', {}, { x: wide(5_000) })).outcome).toBe('BAD_REQUEST');
    expect((await door.ask('{ a }', {}, { x: wide(100_000) })).outcome).toBe('BAD_REQUEST');
  });
});
