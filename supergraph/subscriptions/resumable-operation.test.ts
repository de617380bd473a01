import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { ResumableOperation } from './resumable-operation.js';
import type { Resumption } from './resumptions.js';

const schema = buildSchema(`
  type Query { none: String }
  type Subscription { chat(input: String!): Event!, rest(id: ID!, after: Int! = 0): Event!, other: Event! }
  type Event { id: ID! seq: Int! delta(max: Int): String! turn: Turn }
  type Turn { text: String! }`);
const REST: Resumption = { by: 'rest', arguments: { id: 'id', after: 'seq' }, lastHas: 'turn' };
const of = (query: string, resumption: Partial<Resumption> = {}) => {
  const whole = { ...REST, ...resumption };
  return ResumableOperation.of(query, schema, { chat: whole, rest: whole });
};
const flat = (query: string): string => query.replace(/\s+/g, ' ').trim();

describe('ResumableOperation', () => {
  it('asks for what the client has not asked for under names that nothing else has', () => {
    const operation = of(
      'subscription S($in: String!, $n: Int) { c: chat(input: $in) { id: delta(max: $n) resume: seq } }',
    )!;
    expect(flat(operation.query)).toBe(
      'subscription S($in: String!, $n: Int) { c: chat(input: $in) { id: delta(max: $n) resume: seq resume__id: id resume__turn: turn { __typename } } }',
    );
    const event = { id: 'Hola', resume: 7, resume__id: 't1', resume__turn: null };
    const position = operation.positionOf({ data: { c: event } });
    expect(position).toEqual({ from: { resume__id: 't1', resume__after: 7 } });
    const rest = operation.restFrom((position as { from: object }).from as never, { in: 'Hola', n: 5 });
    expect(rest.variables).toEqual({ n: 5, resume__id: 't1', resume__after: 7 });
    expect(flat(rest.query)).toBe(
      'subscription S($n: Int, $resume__id: ID!, $resume__after: Int!) { c: rest(id: $resume__id, after: $resume__after) { id: delta(max: $n) resume: seq resume__id: id resume__turn: turn { __typename } } }',
    );
    for (const { query } of [operation, rest]) expect(validate(schema, parse(query))).toEqual([]);
  });

  it('makes use of what the client asks for, unless a condition may leave it out', () => {
    const query = 'subscription ($no: Boolean!) { rest(id: "t1") { id seq @skip(if: $no) turn { text } } }';
    const operation = of(query)!;
    expect(flat(operation.query)).toContain('{ id seq @skip(if: $no) turn { text } resume_seq: seq }');
    expect(operation.positionOf({ data: { rest: { id: 't1', resume_seq: 3, turn: null } } })).toEqual({
      from: { resume_id: 't1', resume_after: 3 },
    });
  });

  it('knows the last event, and one that does not say where it stands', () => {
    const operation = of('subscription { chat(input: "") { id seq turn { text } } }')!;
    expect(operation.positionOf({ data: { chat: { id: 't1', seq: 9, turn: { text: 'x' } } } })).toBe('end');
    expect(operation.positionOf({ data: { chat: { id: 't1', seq: null, turn: null } } })).toBe('unknown');
    expect(operation.positionOf({ data: { chat: null } })).toBe('unknown');
    expect(operation.positionOf({ data: null })).toBe('unknown');
  });

  it('may repeat what only reads, and nothing that begins something', () => {
    expect(of('subscription { rest(id: "t1") { id } }')?.isRepeatable).toBe(true);
    expect(of('subscription { chat(input: "") { id } }')?.isRepeatable).toBe(false);
  });

  it('is none where no resumption is known, and an error where the schema does not have it', () => {
    const chat = 'subscription { chat(input: "") { delta } }';
    expect(of('subscription { other { id } }')).toBeNull();
    for (const wrong of [{ by: 'nothing' }, { arguments: { nothing: 'id' } }, { lastHas: 'nothing' }]) {
      expect(() => of(chat, wrong)).toThrow(/nothing/);
    }
  });
});
