import type { ValidationError } from 'class-validator';
import type { InputIssue } from './app-error.js';

/** What class-validator says by itself, in our words. */
const WORDINGS: readonly [theirs: RegExp, ours: string][] = [
  [/must be longer than or equal to 1 characters$/, 'must not be empty'],
  [/must be longer than or equal to (\d+) characters$/, 'must have at least $1 characters'],
  [/must be shorter than or equal to (\d+) characters$/, 'must have at most $1 characters'],
  [/must contain no more than (\d+) elements$/, 'must have at most $1 items'],
  [/must be an integer number$/, 'must be a whole number'],
];

/**
 * The rules of class-validator that a value broke, flattened to one issue per field and rule. `parent` is where the value
 * stands: the name of its argument, or nothing where its fields are the arguments themselves.
 */
export function validationIssues(failures: readonly ValidationError[], parent: string): InputIssue[] {
  return failures.flatMap((failure) => issuesOf(failure, parent));
}

function issuesOf({ property, constraints = {}, children = [] }: ValidationError, parent: string): InputIssue[] {
  const path = pathOf(parent, property);
  const own = Object.entries(constraints).map(([rule, text]) => ({
    path,
    rule,
    message: messageOf(text, property, path),
  }));
  return [...own, ...validationIssues(children, path)];
}

/** As in JSONPath: `messages[0].role`. */
function pathOf(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}

/** Most rules are told of the property by its name, which stands for the whole path; others are sentences of their own. */
function messageOf(text: string, property: string, path: string): string {
  const [theirs, ours] = WORDINGS.find(([wording]) => wording.test(text)) ?? [];
  const told = theirs && ours !== undefined ? text.replace(theirs, ours) : text;
  return told.startsWith(`${property} `) ? `${path}${told.slice(property.length)}.` : `${told}.`;
}
