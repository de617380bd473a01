import { GraphQLError, isInputType, Kind, typeFromAST, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import type { InputIssue } from './app-error.js';
import { typeAt } from './input-words.js';
import { requiredIssue, valueIssue } from './value-issue.js';

const MISSING = /^Variable "\$(\w+)" of (?:required|non-null) type "[^"]+" (?:was not provided|must not be null)\.$/;
const INVALID = /^Variable "\$(\w+)" got invalid value /;

/**
 * graphql-js reports a variable of the wrong shape in prose that repeats the whole value. This takes the field and the broken
 * rule out of that prose and leaves the value behind, in time in proportion to its length. The schema tells what the field may
 * hold. Undefined where the error is not one about a variable.
 */
export function coercionIssue(error: Error, schema?: GraphQLSchema): InputIssue | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const missing = MISSING.exec(error.message)?.[1];
  if (missing !== undefined) return requiredIssue(missing);
  const variable = INVALID.exec(error.message)?.[1];
  if (variable === undefined) return undefined;
  // The prose is `<value> at "<path>"; <reason>`, and the reason alone is the error that it was made of.
  const reason = error.originalError?.message ?? '';
  const path = pathBefore(`; ${reason}`, error.message) ?? variable;
  const root = schema && variableType(error, schema);
  return valueIssue(path, reason, root && typeAt(root, path));
}

function pathBefore(end: string, message: string): string | undefined {
  if (!message.endsWith(`"${end}`)) return undefined;
  const path = message.slice(message.lastIndexOf(' at "', message.length - end.length) + 5, -end.length - 1);
  return /^[\w$.[\]]{1,500}$/.test(path) ? path : undefined;
}

function variableType({ nodes }: GraphQLError, schema: GraphQLSchema): GraphQLInputType | undefined {
  const definition = nodes?.find((node) => node.kind === Kind.VARIABLE_DEFINITION);
  // Its overloads are for one kind of type each; this one may be any.
  const type = definition && typeFromAST(schema, definition.type as never);
  return isInputType(type) ? type : undefined;
}
