import { toMongoError } from '../aggregate/library-error.js';
import { MongoError } from '../errors.js';
import type { Document } from '../values/document.js';
import { AGGREGATE_COMMANDS } from './aggregate.js';
import { COLLECTION_COMMANDS } from './collections.js';
import { assertKnownFields, type Command, type Engine } from './command.js';
import { COUNT_COMMANDS } from './count.js';
import { DELETE_COMMANDS } from './delete.js';
import { FIND_AND_MODIFY_COMMANDS } from './find-and-modify.js';
import { FIND_COMMANDS } from './find.js';
import { HANDSHAKE_COMMANDS } from './handshake.js';
import { INDEX_COMMANDS } from './indexes.js';
import { INSERT_COMMANDS } from './insert.js';
import { UPDATE_COMMANDS } from './update.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...HANDSHAKE_COMMANDS,
    ...INSERT_COMMANDS,
    ...FIND_COMMANDS,
    ...UPDATE_COMMANDS,
    ...DELETE_COMMANDS,
    ...FIND_AND_MODIFY_COMMANDS,
    ...AGGREGATE_COMMANDS,
    ...COUNT_COMMANDS,
    ...INDEX_COMMANDS,
    ...COLLECTION_COMMANDS,
  }),
);
/** A standalone server refuses these as it does a transaction's other commands, by their transaction number. */
const TRANSACTION_COMMANDS = ['commitTransaction', 'abortTransaction'];

/** Runs one command. Never throws: what goes wrong is the reply. */
export async function runCommand(engine: Engine, command: Document, connectionId: number): Promise<Document> {
  try {
    const [name = ''] = Object.keys(command);
    const known = COMMANDS.get(name);
    if (!known) throw unknownCommand(name);
    assertKnownFields(name, known, command);
    const { $db: database } = command;
    if (typeof database !== 'string') throw new MongoError(40571, 'OP_MSG requests require a $db argument');
    return await known.run({ engine, command, database, connectionId });
  } catch (error) {
    const { code, codeName, message, more } = toMongoError(error);
    return { ok: 0, errmsg: message, code, codeName, ...more };
  }
}

function unknownCommand(name: string): MongoError {
  return TRANSACTION_COMMANDS.includes(name)
    ? new MongoError(20, 'Transaction numbers are only allowed on a replica set member or mongos')
    : new MongoError(59, `no such command: '${name}'`);
}
