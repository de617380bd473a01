import { GraphQLError } from 'graphql';
import type { InputIssue } from './app-error.js';

/**
 * graphql-js reports a variable of the wrong shape in prose that repeats the value. This takes the field and the broken
 * rule out of that prose and leaves the value behind. Undefined where the error is not one about a variable.
 */
export function coercionIssue(error: Error): InputIssue | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const missing =
    /^Variable "\$(\w+)" of (?:required|non-null) type "([^"]+)" (?:was not provided|must not be null)\.$/.exec(
      error.message,
    );
  if (missing) return required(missing[1] ?? 'input');
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(error.message);
  if (!variable) return undefined;
  // The value comes first and may hold anything, so both the place and the reason are read from the end.
  const path = /.* at "([\w$.[\]]+)"; /s.exec(error.message)?.[1] ?? variable[1] ?? 'input';
  return ruleOf(path, error.message);
}

function ruleOf(path: string, message: string): InputIssue {
  const absent = /Field "(\w+)" of required type "[^"]+" was not provided\.$/.exec(message);
  if (absent) return required(`${path}.${absent[1]}`);
  const unknown = /Field "(\w+)" is not defined by type "\w+"\.(?: Did you mean .*\?)?$/.exec(message);
  if (unknown) {
    const field = `${path}.${unknown[1]}`;
    return { path: field, rule: 'unknownField', message: `${field} is not a known field.` };
  }
  const nulled = /Expected non-nullable type "[^"]+" not to be null\.$/.test(message);
  if (nulled) return required(path);
  const choice = /"(\w+)" enum\.(?: Did you mean .*\?)?$/.exec(message);
  if (choice) return { path, rule: 'enum', message: `${path} must be one of the values of ${choice[1]}.` };
  const kind = /(?:; |")(\w+) cannot represent/.exec(message)?.[1] ?? /Expected type "([\w[\]!]+)"/.exec(message)?.[1];
  return { path, rule: 'type', message: `${path} must be ${kind ? `a valid ${kind}` : 'of the declared type'}.` };
}

function required(path: string): InputIssue {
  return { path, rule: 'required', message: `${path} is required.` };
}
