import type { GraphQLInputType } from 'graphql';
import type { InputIssue } from './app-error.js';
import { requirementOf } from './input-words.js';

/** Said of numbers that are whole, and too large. */
const RANGES: readonly [reason: RegExp, requirement: string][] = [
  [/^Int cannot represent non 32-bit/, 'a whole number from -2147483648 to 2147483647'],
  [/^SafeInt cannot represent unsafe/, 'a whole number from -9007199254740991 to 9007199254740991'],
];

/**
 * A value that graphql-js refused, as an issue of ours. It is read off the beginning of the reason, because the value itself,
 * which may hold anything, comes later in it; none of the value is repeated.
 */
export function valueIssue(path: string, reason: string, type: GraphQLInputType | undefined): InputIssue {
  const absent = /^Field "(?:\w+\.)?(\w+)" of required type "/.exec(reason);
  if (absent) return requiredIssue(`${path}.${absent[1]}`);
  if (/^Expected non-nullable type |^Expected value of type "[^"]+!", found null\./.test(reason)) {
    return requiredIssue(path);
  }
  if (reason.startsWith('Field "')) return unknownFieldIssue(path, reason);
  const range = RANGES.find(([said]) => said.test(reason))?.[1];
  const requirement = range ?? (type ? requirementOf(type) : 'of the declared type');
  const rule = requirement.startsWith('one of ') ? 'enum' : 'type';
  return { path, rule, message: `${path} must be ${requirement}.` };
}

export function requiredIssue(path: string): InputIssue {
  return { path, rule: 'required', message: `${path} is required.` };
}

/** In a variable a field may be called anything, in any length. */
function unknownFieldIssue(parent: string, reason: string): InputIssue {
  const name = /^Field "(\w{1,64})" is not defined by type "/.exec(reason)?.[1];
  if (name === undefined) {
    return { path: parent, rule: 'unknownField', message: `${parent} has a field that is not known.` };
  }
  const path = `${parent}.${name}`;
  return { path, rule: 'unknownField', message: `${path} is not a known field.` };
}
