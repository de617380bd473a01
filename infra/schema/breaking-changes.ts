import { buildSchema, findBreakingChanges, parse, validate } from 'graphql';

export interface OperationFile {
  readonly path: string;
  readonly document: string;
}

/**
 * What a new API schema would break, one line each: changes that can break any client of the old schema, and operations of
 * our own that the new one no longer accepts, with who uses them.
 */
export function breakingChanges(oldSdl: string, newSdl: string, operations: readonly OperationFile[]): string[] {
  const next = buildSchema(newSdl);
  const changes = findBreakingChanges(buildSchema(oldSdl), next);
  return [
    ...changes.map(({ type, description }) => `any client: ${description} (${type})`),
    ...operations.flatMap(({ path, document }) =>
      validate(next, parse(document)).map(({ message }) => `${path}: ${message}`),
    ),
  ];
}
