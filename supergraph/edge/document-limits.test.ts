import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getIntrospectionQuery, parse } from 'graphql';
import { DocumentGuard } from './document-guard.js';
import { DOCUMENT_LIMITS, exceededLimit } from './document-limits.js';

const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join(' ');
const chainOf = (depth: number): string => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
const { depth, nesting, selections, aliases, rootFields, directives } = DOCUMENT_LIMITS;

/** A document that has as much as is allowed of something, or one more, in one form or another. */
const EDGES: [what: string, says: RegExp, of: (count: number) => string, limit: number][] = [
  ['depth', /levels deep/, chainOf, depth],
  ['depth through fragments', /levels deep/, (n) => `{ a { ...F } } fragment F on X ${chainOf(n - 1)}`, depth],
  ['depth through inline fragments', /levels deep/, (n) => `{ a { ... on X ${chainOf(n - 1)} } }`, depth],
  ['nesting', /fields and fragments deep/, (n) => `${'{ ... '.repeat(n - 1)}{ a }${'}'.repeat(n - 1)}`, nesting],
  [
    'nesting by spreads',
    /fields and fragments deep/,
    (n) => `{ ...F1 } ${many(n - 2, (i) => `fragment F${i + 1} on X { ...F${i + 2} }`)} fragment F${n - 1} on X { a }`,
    nesting,
  ],
  ['fields', /selections/, (n) => `{ a { ${'b '.repeat(n - 1)} } }`, selections],
  ['spreads', /selections/, (n) => `{ a { ${many(n - 1, (i) => `...F${i}`)} } }`, selections],
  ['fields of a fragment on its own', /selections/, (n) => `{ a } fragment F on X { ${'b '.repeat(n)} }`, selections],
  ['aliases', /aliases/, (n) => `{ a { ${many(n, (i) => `x${i}: b`)} } }`, aliases],
  [
    'aliases of a fragment on its own',
    /aliases/,
    (n) => `{ a } fragment F on X { ${many(n, (i) => `x${i}: b`)} }`,
    aliases,
  ],
  ['root fields', /root fields/, (n) => `{ ${'a '.repeat(n)} }`, rootFields],
  ['root fields in inline fragments', /root fields/, (n) => `{ ${'... { a } '.repeat(n)} }`, rootFields],
  ['root fields in fragments', /root fields/, (n) => `{ ${'...F '.repeat(n)} } fragment F on X { a }`, rootFields],
  ['directives', /directives/, (n) => `{ a ${'@x '.repeat(n)} }`, directives],
  ['directives on the operation', /directives/, (n) => `query ${'@x '.repeat(n)} { a }`, directives],
  ['directives on a variable', /directives/, (n) => `query ($v: X ${'@x '.repeat(n)}) { a }`, directives],
  ['directives on a fragment', /directives/, (n) => `{ ...F } fragment F on X ${'@x '.repeat(n)} { a }`, directives],
  ['directives on spreads', /directives/, (n) => `{ ...F ${'@x '.repeat(n)} } fragment F on X { a }`, directives],
];

describe('exceededLimit', () => {
  it.each(EDGES)('allows so much and no more: %s', (_what, says, of, limit) => {
    expect(exceededLimit(parse(of(limit)))).toBeNull();
    expect(exceededLimit(parse(of(limit + 1)))).toMatch(says);
    expect(exceededLimit(parse(`query Small { a } ${of(limit + 1).replace(/^(query )?/, 'query Large ')}`))).toMatch(
      says,
    );
  });

  it('lets tools introspect as deeply as they do', () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true });
    expect(exceededLimit(parse(query))).toBeNull();
    expect(exceededLimit(parse(`{ __schema { types ${chainOf(20)} } }`))).toMatch(/introspection/);
  });

  it.each([
    ['itself', 'fragment F on X { ...F }'],
    ['itself through another', 'fragment F on X { a { ...G } } fragment G on X { ... { ...F } }'],
    ['a cycle that it is no part of', 'fragment F on X { ...G } fragment G on X { ...H } fragment H on X { ...G }'],
  ])('refuses a fragment that spreads %s, whether it is spread or not', (_what, fragments) => {
    for (const operation of ['{ ...F }', '{ a }']) {
      expect(exceededLimit(parse(`${operation} ${fragments}`))).toMatch(/spreads itself/);
    }
  });

  it('measures a fragment once, however many paths lead to it', () => {
    const levels = 45;
    const bomb = many(levels, (i) => `fragment F${i} on X { ...F${i + 1} ...F${i + 1} }`);
    expect(exceededLimit(parse(`{ ...F0 } ${bomb} fragment F${levels} on X { a }`))).toMatch(/selections/);
  });

  it('agrees with a count on the document written out', () => {
    const written = fc.letrec<{ set: string }>((tie) => ({
      set: fc
        .array(
          fc.oneof(
            { maxDepth: 4 },
            fc.constantFrom('a', 'b', 'x: a'),
            tie('set').map((set) => `a ${set}`),
            tie('set').map((set) => `... ${set}`),
          ),
          { minLength: 1, maxLength: 4 },
        )
        .map((items) => `{ ${items.join(' ')} }`),
    })).set;
    const limits = { ...DOCUMENT_LIMITS, depth: 99, rootFields: 999, selections: 25, aliases: 4 };
    fc.assert(
      fc.property(written, written, (set, fragment) => {
        const spread = set.replace(/ }$/, ' ...F }');
        const inline = set.replace(/ }$/, ` ... ${fragment} }`);
        const [bySpread, byHand] = [`${spread} fragment F on X ${fragment}`, inline].map((text) =>
          exceededLimit(parse(text), limits),
        );
        expect(bySpread).toBe(byHand);
      }),
    );
  });
});

describe('DocumentGuard', () => {
  const codeOf = (source: string, guard = new DocumentGuard()): string => {
    try {
      guard.assertAdmissible(source);
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('lets pass what is merely wrong, for validation to explain', () => {
    for (const source of ['', '{', '{ nobody { knows } }', 'schema { query: Q }', '{ ...Missing }', '\u0000']) {
      expect(codeOf(source)).toBe('ok');
    }
  });

  it('counts bytes, not characters', () => {
    expect(codeOf(`# ${'ñ'.repeat(32 * 1024)}\n{ a }`)).toBe('PAYLOAD_TOO_LARGE');
    expect(codeOf(`# ${'n'.repeat(32 * 1024)}\n{ a }`)).toBe('ok');
  });

  it('refuses what has too many tokens, and what the parser has no stack for', () => {
    expect(codeOf(`{ ${'a '.repeat(4_998)} }`)).toBe('QUERY_TOO_COMPLEX');
    expect(codeOf(`{ ${'a '.repeat(5_000)} }`)).toBe('QUERY_TOO_COMPLEX');
    expect(codeOf(`{ a(b: ${'['.repeat(2_490)}${']'.repeat(2_490)}) }`)).toBe('QUERY_TOO_COMPLEX');
  });

  it('says the same the second time, of what passes and of what does not', () => {
    const guard = new DocumentGuard();
    for (const source of ['{ a }', chainOf(13)]) expect(codeOf(source, guard)).toBe(codeOf(source, guard));
    for (let i = 0; i < 1_100; i += 1) expect(codeOf(`{ a${i} }`, guard)).toBe('ok');
    expect(codeOf(chainOf(13), guard)).toBe('QUERY_TOO_COMPLEX');
  });
});
