import { describe, expect, it } from '@jest/globals';
import { breakingChanges } from './breaking-changes.js';

const OLD = 'type Query { me: User! } type User { id: ID! email: String! name: String }';
const operations = [
  { path: 'rest/me.graphql', document: 'query Me { me { ...Account } }' },
  { path: 'rest/account.graphql', document: 'fragment Account on User { id email }' },
];

describe('schema:check', () => {
  it('finds nothing in a schema that only grows', () => {
    expect(breakingChanges(OLD, `${OLD} extend type User { age: Int }`, operations)).toEqual([]);
  });

  it('tells what any client loses, and which operation of ours', () => {
    const broken = breakingChanges(OLD, OLD.replace('email: String!', ''), operations);
    expect(broken).toEqual([
      'any client: User.email was removed. (FIELD_REMOVED)',
      'rest/me.graphql: Cannot query field "email" on type "User".',
    ]);
  });

  it('tells of a change that our own operations do not mind', () => {
    expect(breakingChanges(OLD, OLD.replace('name: String', ''), operations)).toEqual([
      'any client: User.name was removed. (FIELD_REMOVED)',
    ]);
  });

  it('names an operation whose fragment is nowhere', () => {
    expect(breakingChanges(OLD, OLD, operations.slice(0, 1))).toEqual(['rest/me.graphql: Unknown fragment "Account".']);
  });
});
