import { decode, encode, setField, type Document } from '../values/document.js';

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
export const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits below this one mean something, so one that is not known must not be skipped. */
const REQUIRED_BITS = 0xffff;

/** A request as read from the wire. */
export interface Request {
  readonly id: number;
  readonly kind: 'message' | 'query';
  readonly command: Document;
  /** The client waits for no reply. */
  readonly silent: boolean;
}

/** Reads one whole message. Throws an Error when it is not one; the connection cannot go on then. */
export function readRequest(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return readMessage(id, message);
  if (opCode === OP_QUERY) return readQuery(id, message);
  throw new Error(`opcode ${opCode} is not understood`);
}

function readMessage(id: number, message: Buffer): Request {
  const flags = message.readUInt32LE(HEADER_BYTES);
  if (flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) throw new Error('unknown required flag bits');
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let command: Document | undefined;
  const sequences: [string, Document[]][] = [];
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = message.readUInt8(at);
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    if (size < 5 || at + 1 + size > end) throw new Error('a section is longer than its message');
    if (kind === 0) command = decode(section);
    else if (kind === 1) sequences.push(readSequence(section));
    else throw new Error(`sections of kind ${kind} are not understood`);
    at += 1 + size;
  }
  if (!command) throw new Error('a message without a body');
  for (const [name, documents] of sequences) setField(command, name, documents);
  return { id, kind: 'message', command, silent: (flags & MORE_TO_COME) !== 0 };
}

function readSequence(section: Buffer): [string, Document[]] {
  const nameEnd = section.indexOf(0, 4);
  const documents: Document[] = [];
  let at = nameEnd + 1;
  while (at < section.length) {
    const size = section.readInt32LE(at);
    if (size < 5 || at + size > section.length) throw new Error('a document is longer than its section');
    documents.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  return [section.toString('utf8', 4, nameEnd), documents];
}

/** The form in which drivers say hello to a server they do not know yet. */
function readQuery(id: number, message: Buffer): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  const [database = ''] = message.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.');
  const at = nameEnd + 1 + 8;
  const query = decode(message.subarray(at, at + message.readInt32LE(at)));
  const { $query: wrapped } = query as { $query?: Document };
  return { id, kind: 'query', command: { ...(wrapped ?? query), $db: database }, silent: false };
}

export function replyTo({ id, kind }: Request, reply: Document): Buffer {
  const body = encode(reply);
  const before = kind === 'message' ? messageStart() : queryReplyStart();
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + before.length + body.length, 0);
  header.writeInt32LE(id, 8);
  header.writeInt32LE(kind === 'message' ? OP_MSG : OP_REPLY, 12);
  return Buffer.concat([header, before, body]);
}

/** No flags, then a section of kind 0. */
function messageStart(): Buffer {
  return Buffer.alloc(5);
}

/** No flags, no cursor, from the start, one document. */
function queryReplyStart(): Buffer {
  const start = Buffer.alloc(20);
  start.writeInt32LE(1, 16);
  return start;
}
