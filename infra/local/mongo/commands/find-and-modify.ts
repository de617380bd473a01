import { MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import {
  collectionName,
  documentField,
  documentsField,
  evaluateFor,
  surroundingsOf,
  type Call,
  type Command,
} from './command.js';
import { findProjection } from './find-projection.js';
import { collectionFor, firstOrAll, runUpdate } from './update.js';

const FIELDS = [
  'query',
  'sort',
  'remove',
  'update',
  'new',
  'fields',
  'upsert',
  'arrayFilters',
  'hint',
  'let',
  'bypassDocumentValidation',
];

async function findAndModify(call: Call): Promise<Document> {
  const { command } = call;
  const name = 'findAndModify' in command ? 'findAndModify' : 'findandmodify';
  const { remove, update, upsert } = command;
  if (remove !== true && update === undefined) {
    throw new MongoError(9, `Either an update or remove=true must be specified`);
  }
  if (remove === true && (update !== undefined || upsert === true || command['new'] === true)) {
    throw new MongoError(9, `Cannot specify both an update and remove=true, or upsert or new with remove=true`);
  }
  const filter = documentField(command, 'query', name);
  const project = findProjection(documentField(command, 'fields', name), filter, evaluateFor(command));
  return remove === true ? removeOne(call, name, filter, project) : updateOne(call, name, filter, project);
}

type Project = (document: Document) => Document;

async function removeOne(call: Call, name: string, filter: Document, project: Project): Promise<Document> {
  const { command, engine, database } = call;
  const collection = await engine.databases.find(database, collectionName(call, name));
  const sort = documentField(command, 'sort', name);
  const matches = compileFilter(filter, evaluateFor(command));
  const [found] = collection ? firstOrAll(collection.matching(filter, matches), false, sort) : [];
  if (found) collection?.remove(found);
  await collection?.synced();
  return { lastErrorObject: { n: found ? 1 : 0 }, value: found ? project(found) : null, ok: 1 };
}

async function updateOne(call: Call, name: string, filter: Document, project: Project): Promise<Document> {
  const { command, engine } = call;
  const collection = await collectionFor(call, collectionName(call, name), command['upsert'] === true);
  const { matched, upserted, before, after } = runUpdate(collection, {
    filter,
    update: command['update'],
    multi: false,
    upsert: command['upsert'] === true,
    sort: documentField(command, 'sort', name),
    ...('arrayFilters' in command && { arrayFilters: documentsField(command, 'arrayFilters', name) }),
    variables: surroundingsOf(command).variables,
    now: new Date(engine.clock()),
  });
  await collection?.synced();
  const returned = command['new'] === true ? (after ?? upserted) : before;
  return {
    lastErrorObject: {
      n: upserted ? 1 : matched,
      updatedExisting: matched > 0,
      ...(upserted && { upserted: upserted['_id'] }),
    },
    value: returned ? project(returned) : null,
    ok: 1,
  };
}

export const FIND_AND_MODIFY_COMMANDS: Readonly<Record<string, Command>> = {
  findAndModify: { fields: FIELDS, run: findAndModify },
  findandmodify: { fields: FIELDS, run: findAndModify },
};
