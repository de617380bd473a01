import { MAX_DOCUMENT_BYTES } from '../store/collection.js';
import type { Document } from '../values/document.js';
import { MAX_MESSAGE_BYTES } from '../wire/limits.js';
import type { Call, Command } from './command.js';

/** MongoDB 7.0's: the oldest and newest wire versions whose commands are understood. */
const MIN_WIRE_VERSION = 0;
const MAX_WIRE_VERSION = 21;
const VERSION = [7, 0, 0, 0];
const MAX_WRITE_BATCH = 100_000;
const SESSION_TIMEOUT_MIN = 30;

/** https://www.mongodb.com/docs/manual/reference/command/hello/, as a standalone server answers it. */
function hello({ engine, connectionId, command }: Call): Document {
  const primary = 'hello' in command ? { isWritablePrimary: true } : { ismaster: true, helloOk: true };
  return {
    ...primary,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_WRITE_BATCH,
    localTime: new Date(engine.clock()),
    logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MIN,
    connectionId,
    minWireVersion: MIN_WIRE_VERSION,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

const HELLO_FIELDS = [
  'helloOk',
  'client',
  'compression',
  'saslSupportedMechs',
  'speculativeAuthenticate',
  'loadBalanced',
  'topologyVersion',
  'maxAwaitTimeMS',
  'backpressure',
];

const ok = (): Document => ({ ok: 1 });

/** What drivers ask of a server before and beside their work. */
export const HANDSHAKE_COMMANDS: Readonly<Record<string, Command>> = {
  hello: { fields: HELLO_FIELDS, run: hello },
  isMaster: { fields: HELLO_FIELDS, run: hello },
  ismaster: { fields: HELLO_FIELDS, run: hello },
  ping: { fields: [], run: ok },
  endSessions: { fields: [], run: ok },
  startSession: { fields: [], run: ok },
  refreshSessions: { fields: [], run: ok },
  killSessions: { fields: [], run: ok },
  killAllSessions: { fields: [], run: ok },
  buildInfo: { fields: [], run: buildInfo },
  buildinfo: { fields: [], run: buildInfo },
  connectionStatus: {
    fields: ['showPrivileges'],
    run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  },
  serverStatus: {
    fields: [],
    run: ({ engine }) => ({
      version: VERSION.slice(0, 3).join('.'),
      uptimeMillis: engine.clock() - engine.startedAtMs,
      ok: 1,
    }),
  },
};

function buildInfo(): Document {
  return {
    version: VERSION.slice(0, 3).join('.'),
    versionArray: VERSION,
    modules: ['embedded'],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    ok: 1,
  };
}
