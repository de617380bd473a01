import { getOperationAST, parse, type DocumentNode } from 'graphql';
import type { ParsedOperation } from '../edge/operation-budget.js';

const parsed = new Map<string, DocumentNode>();

/** An operation of our own, valid as all of them were when their types were generated; read once. */
export function parsedOperation(source: string, variables: Readonly<Record<string, unknown>>): ParsedOperation {
  const document = parsed.get(source) ?? parse(source);
  parsed.set(source, document);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('The document must have exactly one operation.');
  return { document, operation, variables };
}
