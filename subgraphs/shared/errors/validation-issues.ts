import type { ValidationError } from 'class-validator';
import { GraphQLError } from 'graphql';
import type { InputIssue } from './app-error.js';

/**
 * The rules of class-validator that an input broke (TypeGraphQL's ArgumentValidationError), flattened to one issue per
 * field and rule. Undefined for other errors.
 */
export function validationIssues(error: Error): InputIssue[] | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const { validationErrors } = error.extensions;
  if (!Array.isArray(validationErrors)) return undefined;
  return (validationErrors as ValidationError[]).flatMap((failure) => issuesOf(failure, 'input'));
}

function issuesOf(failure: ValidationError, parent: string): InputIssue[] {
  const path = `${parent}.${failure.property}`;
  const own = Object.entries(failure.constraints ?? {}).map(([rule, message]) => ({
    path,
    rule,
    message: `${parent}.${message}.`,
  }));
  return [...own, ...(failure.children ?? []).flatMap((child) => issuesOf(child, path))];
}
