import { composeServices } from '@apollo/composition';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { SubscriptionPlanner } from './subscription-planner.js';

const CHAT = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { none: String }
  type Subscription { chat(input: String!): Event!, chatMessage(id: ID!, after: Int! = 0): Event! }
  type Event { id: ID! seq: Int! delta: String! message: Turn }
  type Turn { text: String! first: Part! second: Part! }
  type Part { id: ID! name: String! size: Int! }`;

describe('SubscriptionPlanner', () => {
  let planner: SubscriptionPlanner;
  beforeAll(() => {
    const { supergraphSdl, errors } = composeServices([{ name: 'chat', url: 'http://chat', typeDefs: parse(CHAT) }]);
    if (!supergraphSdl) throw new AggregateError(errors ?? []);
    planner = new SubscriptionPlanner(supergraphSdl);
  });

  it('makes what can be taken up again of a fragment that is spread twice', () => {
    const query = `subscription { chat(input: "") { delta message { first { ...P } second { ...P } } } }
      fragment P on Part { id name size }`;
    const { primary, resumable } = planner.plan(parse(query), undefined);
    expect(primary.operation).not.toContain('fragment');
    expect(resumable).not.toBeNull();
  });

  it('remembers plans by their size, those asked for last', () => {
    const documentOf = (name: string, chars: number) =>
      parse(`subscription { ${name}: chat(input: "${'x'.repeat(chars)}") { delta } }`);
    const small = Array.from({ length: 20 }, (_, n) => documentOf(`small${n}`, 10));
    const plans = small.map((document) => planner.plan(document, undefined));
    expect(planner.plan(small[0]!, undefined)).toBe(plans[0]);
    for (let n = 0; n < 5; n += 1) planner.plan(documentOf(`large${n}`, 60 * 1024), undefined);
    expect(planner.plan(small[0]!, undefined)).not.toBe(plans[0]);
  });
});
