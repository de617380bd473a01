import type { Collection } from '../store/collection.js';
import type { Document } from '../values/document.js';
import { collectionName, documentsField, type Call, type Command } from './command.js';
import { runEach, writeReply } from './write-errors.js';

async function insert(call: Call): Promise<Document> {
  const documents = documentsField(call.command, 'documents', 'insert');
  const collection = await call.engine.databases.getOrCreate(call.database, collectionName(call, 'insert'));
  const { done, writeErrors } = runEach(documents, call.command['ordered'], (document) =>
    insertOne(collection, document),
  );
  await collection.synced();
  return writeReply({ n: done.length }, writeErrors);
}

function insertOne(collection: Collection, document: Document): true {
  collection.insert(document);
  return true;
}

export const INSERT_COMMANDS: Readonly<Record<string, Command>> = {
  insert: { fields: ['documents', 'ordered', 'bypassDocumentValidation'], run: insert },
};
