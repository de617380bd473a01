import { compileFilter } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import { MongoError } from '../errors.js';
import {
  assertNoCollation,
  collectionName,
  documentsField,
  evaluateFor,
  missingField,
  requiredDocument,
  type Call,
  type Command,
} from './command.js';
import { firstOrAll } from './update.js';
import { runEach, writeReply } from './write-errors.js';

async function remove(call: Call): Promise<Document> {
  const { command, engine, database } = call;
  const statements = documentsField(command, 'deletes', 'delete');
  const collection = await engine.databases.find(database, collectionName(call, 'delete'));
  const evaluate = evaluateFor(command);
  const { done, writeErrors } = runEach(statements, command['ordered'], (statement) => {
    const filter = requiredDocument(statement, 'q', 'delete.deletes');
    const { limit } = statement;
    if (limit === undefined) throw missingField('delete.deletes', 'limit');
    if (limit !== 0 && limit !== 1) {
      throw new MongoError(9, `The limit field in delete objects must be 0 or 1. Got ${JSON.stringify(limit)}`);
    }
    assertNoCollation(statement);
    const matches = compileFilter(filter, evaluate);
    const found = collection ? firstOrAll(collection.matching(filter, matches), limit === 0, undefined) : [];
    for (const document of found) collection?.remove(document);
    return found.length;
  });
  await collection?.synced();
  return writeReply({ n: done.reduce((sum, count) => sum + count, 0) }, writeErrors);
}

export const DELETE_COMMANDS: Readonly<Record<string, Command>> = {
  delete: { fields: ['deletes', 'ordered', 'let'], run: remove },
};
