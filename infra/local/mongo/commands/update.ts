import { MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { sorted } from '../query/sort.js';
import type { Collection } from '../store/collection.js';
import { compileUpdate } from '../update/compile-update.js';
import { upsertedDocument } from '../update/upsert.js';
import type { Document } from '../values/document.js';
import { sameValue } from '../values/order.js';
import {
  assertNoCollation,
  collectionName,
  documentField,
  documentsField,
  missingField,
  requiredDocument,
  surroundingsOf,
  type Call,
  type Command,
} from './command.js';
import { evaluatorOf } from '../aggregate/context.js';
import { runEach, writeReply } from './write-errors.js';

const STATEMENT_FIELDS = ['q', 'u', 'c', 'multi', 'upsert', 'arrayFilters', 'hint', 'collation', 'sort'];

/** What one update did. */
export interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  /** The document an upsert made. */
  readonly upserted?: Document;
  /** The one document before and after, where the update was of one. */
  readonly before?: Document;
  readonly after?: Document;
}

export interface UpdateRequest {
  readonly filter: Document;
  readonly update: unknown;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly sort?: Document;
  readonly arrayFilters?: readonly Document[];
  readonly variables: Document;
  readonly now: Date;
}

/** Only an upsert makes a collection that there is not. */
export function collectionFor({ engine, database }: Call, name: string, upsert: boolean) {
  return upsert ? engine.databases.getOrCreate(database, name) : engine.databases.find(database, name);
}

function upserts({ upsert }: Document): boolean {
  return upsert === true;
}

/** Carries out one update: all that match, the first, or an upsert where none does. */
export function runUpdate(collection: Collection | undefined, request: UpdateRequest): UpdateOutcome {
  const { filter, update, multi, upsert, sort, variables, now } = request;
  const surroundings = { variables };
  const evaluate = evaluatorOf(surroundings);
  const apply = compileUpdate(request, { evaluate, surroundings, now });
  const matches = compileFilter(filter, evaluate);
  const found = collection ? firstOrAll(collection.matching(filter, matches), multi, sort) : [];
  if (!collection || found.length === 0) {
    if (!collection || !upsert) return { matched: 0, modified: 0 };
    const upserted = upsertedDocument(filter, update, apply);
    collection.insert(upserted);
    return { matched: 0, modified: 0, upserted };
  }
  let modified = 0;
  let after: Document | undefined;
  for (const document of found) {
    const next = apply(document, false);
    after = next;
    if (sameValue(document, next)) continue;
    collection.replace(document, next);
    modified += 1;
  }
  const [before] = found;
  return { matched: found.length, modified, ...(before && after && { before, after }) };
}

/** Read to the end, or to the first, before anything is changed. */
export function firstOrAll(matching: Generator<Document>, all: boolean, sort: Document | undefined): Document[] {
  if (all) return [...matching];
  if (sort && Object.keys(sort).length > 0) return sorted([...matching], sort).slice(0, 1);
  return matching.take(1).toArray();
}

async function runStatements(call: Call): Promise<Document> {
  const { command } = call;
  const statements = documentsField(command, 'updates', 'update');
  const collection = await collectionFor(call, collectionName(call, 'update'), statements.some(upserts));
  const upserted: Document[] = [];
  const { done, writeErrors } = runEach(statements, command['ordered'], (statement, index) => {
    const outcome = runUpdate(collection, requestOf(statement, call));
    if (outcome.upserted) upserted.push({ index, _id: outcome.upserted['_id'] });
    return outcome;
  });
  await collection?.synced();
  const matched = done.reduce((sum, outcome) => sum + outcome.matched, 0);
  const nModified = done.reduce((sum, outcome) => sum + outcome.modified, 0);
  const reply = { n: matched + upserted.length, nModified, ...(upserted.length > 0 && { upserted }) };
  return writeReply(reply, writeErrors);
}

function requestOf(statement: Document, { command, engine }: Call): UpdateRequest {
  for (const field of Object.keys(statement)) {
    if (!STATEMENT_FIELDS.includes(field)) {
      throw new MongoError(40415, `BSON field 'update.updates.${field}' is an unknown field.`);
    }
  }
  assertNoCollation(statement);
  if (statement['u'] === undefined) throw missingField('update.updates', 'u');
  const constants = documentField(statement, 'c', 'update.updates');
  return {
    filter: requiredDocument(statement, 'q', 'update.updates'),
    update: statement['u'],
    multi: statement['multi'] === true,
    upsert: statement['upsert'] === true,
    sort: documentField(statement, 'sort', 'update.updates'),
    ...('arrayFilters' in statement && { arrayFilters: documentsField(statement, 'arrayFilters', 'update.updates') }),
    variables: { ...surroundingsOf(command).variables, ...constants },
    now: new Date(engine.clock()),
  };
}

export const UPDATE_COMMANDS: Readonly<Record<string, Command>> = {
  update: { fields: ['updates', 'ordered', 'bypassDocumentValidation', 'let'], run: runStatements },
};
