import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { v1, v4, v6, v7 } from 'uuid';
import { identityOf, indexKey, indexPrefix, newIdentity, outboxId, outboxKey } from '#shared/history/keys.js';

const times = fc.date({ min: new Date(0), max: new Date('9999-12-30T23:59:59.999Z'), noInvalidDate: true });
const services = fc.constantFrom('image' as const, 'summarize' as const, 'chat' as const);

/** `2026/11/24`, from the parts of the date. */
const datePathOf = (date: Date): string => {
  const parts = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  return `${String(parts[0]).padStart(4, '0')}/${String(parts[1]).padStart(2, '0')}/${String(parts[2]).padStart(2, '0')}`;
};

describe('the identity of a request', () => {
  it('is found again from its id, with the same time and keys', () => {
    fc.assert(
      fc.property(times, (createdAt) => {
        const identity = newIdentity(createdAt);
        expect(identityOf(identity.id)).toEqual(identity);
        expect(identity.createdAt).toEqual(createdAt);
      }),
    );
  });

  it('has the UTC date of its id in all its keys', () => {
    fc.assert(
      fc.property(times, fc.uuid(), services, (createdAt, userId, service) => {
        const { id, base } = newIdentity(createdAt);
        expect(base).toBe(`requests/${datePathOf(createdAt)}/${id}/`);
        const key = indexKey(userId, service, createdAt);
        expect(key).toBe(`users/${userId}/${service}/history/${datePathOf(createdAt)}.jsonl`);
        expect(key.startsWith(indexPrefix(userId, service))).toBe(true);
      }),
    );
  });

  it('sorts as the times do', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        fc.pre(one.getTime() !== other.getTime());
        expect(newIdentity(one).id < newIdentity(other).id).toBe(one < other);
      }),
    );
  });

  it('is a new one each time, also within a millisecond', () => {
    const now = new Date('2026-11-24T10:00:00Z');
    const ids = Array.from({ length: 1000 }, () => newIdentity(now).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is none for a UUID of any other version', () => {
    fc.assert(
      fc.property(fc.uuid({ version: [1, 2, 3, 4, 5, 6, 8] }), (id) => {
        expect(identityOf(id)).toBeNull();
      }),
    );
    for (const id of [v1(), v4(), v6()]) expect(identityOf(id)).toBeNull();
    expect(identityOf(v7())).not.toBeNull();
  });

  it('is none for anything that is not exactly an id of ours', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(identityOf(text)).toBeNull();
        const { id } = newIdentity(new Date('2026-11-24T10:00:00Z'));
        if (text !== '') expect([identityOf(id + text), identityOf(text + id)]).toEqual([null, null]);
      }),
    );
  });

  it.each([
    ['upper case', '019AB3C0-0000-7000-8000-000000000000'],
    ['a line break at the end', '019ab3c0-0000-7000-8000-000000000000\n'],
    ['another variant', '019ab3c0-0000-7000-c000-000000000000'],
    ['a time after the year 9999', 'ffffffff-ffff-7000-8000-000000000000'],
    ['a path', '../../../../etc/passwd'],
  ])('is none for %s', (_name, id) => {
    expect(identityOf(id)).toBeNull();
  });
});

describe('the key of a user’s index', () => {
  it('is made of no user id but a UUID in lower case', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), services, (text, id, service) => {
        for (const userId of [text, `${id}/${text}`, `../${id}`, `${id}\n`]) {
          expect(() => indexPrefix(userId, service)).toThrow('user id');
          expect(() => indexKey(userId, service, new Date(0))).toThrow('user id');
        }
      }),
    );
  });
});

describe('the key of an outbox entry', () => {
  it('leads back to the id', () => {
    fc.assert(
      fc.property(times, (createdAt) => {
        const { id } = newIdentity(createdAt);
        expect(outboxId(outboxKey(id))).toBe(id);
      }),
    );
  });

  it.each(['outbox/', 'outbox/.json', 'outbox/x', 'inbox/x.json', 'a/outbox/x.json'])('%s is none', (key) => {
    expect(outboxId(key)).toBeNull();
  });
});
