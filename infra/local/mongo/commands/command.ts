import { evaluatorOf, type Surroundings } from '../aggregate/context.js';
import type { Cursors } from '../cursors.js';
import { MongoError, notImplemented } from '../errors.js';
import type { Evaluate } from '../query/matcher.js';
import type { Databases } from '../store/databases.js';
import { isDocument, type Document } from '../values/document.js';
import { typeName } from '../values/type-name.js';

/** What commands work with. */
export interface Engine {
  readonly databases: Databases;
  readonly cursors: Cursors;
  readonly clock: () => number;
  /** Called by `killAllSessions` and the like: nothing is kept per session. */
  readonly startedAtMs: number;
}

/** One command of a client, on one database. */
export interface Call {
  readonly engine: Engine;
  readonly database: string;
  readonly command: Document;
  readonly connectionId: number;
}

/** A command: the fields it knows besides its own name and those of every command, and what it does. */
export interface Command {
  readonly fields: readonly string[];
  run(call: Call): Promise<Document> | Document;
}

/** Fields that any command may carry, and that change nothing here. */
const GENERIC_FIELDS = new Set([
  '$db',
  '$clusterTime',
  '$readPreference',
  'lsid',
  'comment',
  'maxTimeMS',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'collation',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$audit',
  '$client',
  '$configServerState',
  'mayBypassWriteBlocking',
]);

/** Refuses a field nobody reads (40415), transactions (20) and collations, so that none of them is left out silently. */
export function assertKnownFields(name: string, { fields }: Command, command: Document): void {
  for (const field of Object.keys(command)) {
    if (field === name || GENERIC_FIELDS.has(field) || fields.includes(field)) continue;
    throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
  }
  if ('txnNumber' in command || 'startTransaction' in command) {
    throw new MongoError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  assertNoCollation(command);
}

export function assertNoCollation(options: Document): void {
  const { collation } = options;
  if (collation === undefined || (isDocument(collation) && collation['locale'] === 'simple')) return;
  throw notImplemented('A collation');
}

/** The collection a command names. Throws InvalidNamespace when it names none. */
export function collectionName({ command }: Call, name: string): string {
  const value = command[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new MongoError(73, `collection name has invalid type ${typeName(value)}`);
}

export function documentField(owner: Document, field: string, command: string): Document {
  const value = owner[field];
  if (value === undefined || value === null) return {};
  if (isDocument(value)) return value;
  throw wrongType(command, field, value, 'object');
}

export function requiredDocument(owner: Document, field: string, command: string): Document {
  if (owner[field] === undefined) throw missingField(command, field);
  return documentField(owner, field, command);
}

/** A list of documents: 14 when it is something else, 40414 when it is missing. */
export function documentsField(owner: Document, field: string, command: string): Document[] {
  const value = owner[field];
  if (value === undefined) throw missingField(command, field);
  if (!Array.isArray(value)) throw wrongType(command, field, value, 'array');
  for (const [at, element] of value.entries()) {
    if (!isDocument(element)) throw wrongType(command, `${field}.${at}`, element, 'object');
  }
  return value as Document[];
}

/** A whole number that is not negative. */
export function amountField(owner: Document, field: string, command: string): number | undefined {
  const value = owner[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw wrongType(command, field, value, 'number');
  if (value < 0) throw new MongoError(2, `BSON field '${field}' value must be >= 0, actual value '${value}'`);
  return Math.trunc(value);
}

export function missingField(command: string, field: string): MongoError {
  return new MongoError(40414, `BSON field '${command}.${field}' is missing but a required field`);
}

export function wrongType(command: string, field: string, value: unknown, expected: string): MongoError {
  return new MongoError(
    14,
    `BSON field '${command}.${field}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}

export function surroundingsOf(command: Document): Surroundings & { readonly variables: Document } {
  return { variables: isDocument(command['let']) ? command['let'] : {} };
}

/** Evaluates expressions with the variables of the command's `let`. */
export function evaluateFor(command: Document): Evaluate {
  return evaluatorOf(surroundingsOf(command));
}
