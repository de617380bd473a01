import { MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { sorted } from '../query/sort.js';
import type { Document } from '../values/document.js';
import { Long } from 'bson';
import {
  amountField,
  collectionName,
  documentField,
  evaluateFor,
  missingField,
  wrongType,
  type Call,
  type Command,
} from './command.js';
import { findProjection } from './find-projection.js';

const FIND_FIELDS = [
  'filter',
  'sort',
  'projection',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'hint',
  'let',
  'noCursorTimeout',
  'allowDiskUse',
  'allowPartialResults',
  'tailable',
  'awaitData',
  'returnKey',
  'showRecordId',
  'min',
  'max',
];
/** Taken when they are off; what they would change is not there. */
const REFUSED_OPTIONS = ['tailable', 'awaitData', 'returnKey', 'showRecordId', 'min', 'max'];

async function find(call: Call): Promise<Document> {
  const { command, engine, database } = call;
  const name = collectionName(call, 'find');
  const refused = REFUSED_OPTIONS.find((option) => command[option]);
  if (refused) throw notImplemented(`The option '${refused}' of find`);
  const filter = documentField(command, 'filter', 'find');
  const evaluate = evaluateFor(command);
  const matches = compileFilter(filter, evaluate);
  const project = findProjection(documentField(command, 'projection', 'find'), filter, evaluate);
  const order = documentField(command, 'sort', 'find');
  const skip = amountField(command, 'skip', 'find') ?? 0;
  const limit = amountField(command, 'limit', 'find') || Infinity;
  const collection = await engine.databases.find(database, name);
  const matching = collection ? collection.matching(filter, matches) : [].values();
  const inOrder = Object.keys(order).length > 0 ? sorted([...matching], order).values() : matching;
  // Read at once: what is changed between two batches must not show in the later one.
  const documents = inOrder.drop(skip).take(limit).toArray();
  return engine.cursors.first(
    `${database}.${name}`,
    documents.values().map(project),
    amountField(command, 'batchSize', 'find'),
    command['singleBatch'] === true,
  );
}

function getMore(call: Call): Document {
  const { command, engine, database } = call;
  const id = cursorId(command['getMore']);
  const { collection } = command;
  if (collection === undefined) throw missingField('getMore', 'collection');
  if (typeof collection !== 'string') throw wrongType('getMore', 'collection', collection, 'string');
  return engine.cursors.next(id, `${database}.${collection}`, amountField(command, 'batchSize', 'getMore'));
}

function killCursors(call: Call): Document {
  const { cursors } = call.command;
  if (!Array.isArray(cursors)) throw missingField('killCursors', 'cursors');
  const cursorsKilled = cursors.filter((id) => call.engine.cursors.kill(cursorId(id)));
  const cursorsNotFound = cursors.filter((id) => !cursorsKilled.includes(id));
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

function cursorId(value: unknown): string {
  if (typeof value === 'number' || Long.isLong(value)) return String(value);
  throw new MongoError(14, `BSON field 'getMore.getMore' is the wrong type, expected type 'long'`);
}

export const FIND_COMMANDS: Readonly<Record<string, Command>> = {
  find: { fields: FIND_FIELDS, run: find },
  getMore: { fields: ['collection', 'batchSize'], run: getMore },
  killCursors: { fields: ['cursors'], run: killCursors },
};
