import { MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import { segmentsOf, valuesAt } from '../values/path.js';
import { keyOf } from '../values/value-key.js';
import {
  amountField,
  collectionName,
  documentField,
  evaluateFor,
  missingField,
  type Call,
  type Command,
} from './command.js';

async function count(call: Call): Promise<Document> {
  const { command } = call;
  const found = [...(await matching(call, 'count'))].length;
  const skipped = Math.max(found - (amountField(command, 'skip', 'count') ?? 0), 0);
  // A negative limit means the same as a positive one.
  const limit = typeof command['limit'] === 'number' ? Math.abs(command['limit']) : 0;
  return { n: Math.min(skipped, limit || Infinity), ok: 1 };
}

async function distinct(call: Call): Promise<Document> {
  const { key } = call.command;
  if (key === undefined) throw missingField('distinct', 'key');
  if (typeof key !== 'string')
    throw new MongoError(14, `BSON field 'distinct.key' is the wrong type, expected type 'string'`);
  const values = new Map<string, unknown>();
  for (const document of await matching(call, 'distinct')) {
    for (const value of valuesAt(document, segmentsOf(key))) {
      if (value !== undefined) values.set(keyOf(value), value);
    }
  }
  return { values: [...values.values()], ok: 1 };
}

async function matching(call: Call, name: string): Promise<Iterable<Document>> {
  const { command, engine, database } = call;
  const filter = documentField(command, 'query', name);
  const matches = compileFilter(filter, evaluateFor(command));
  const collection = await engine.databases.find(database, collectionName(call, name));
  return collection?.matching(filter, matches) ?? [];
}

export const COUNT_COMMANDS: Readonly<Record<string, Command>> = {
  count: { fields: ['query', 'limit', 'skip', 'hint', 'fields'], run: count },
  distinct: { fields: ['key', 'query', 'hint'], run: distinct },
};
