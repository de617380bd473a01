import { crc32 } from 'node:zlib';

/** One change: what happens, and the BSON document it happens with. */
export interface Change {
  readonly kind: 'put' | 'remove' | 'settings';
  readonly bytes: Uint8Array;
}

const KINDS = ['put', 'remove', 'settings'] as const;
const MAGIC = 0x314a474d;
/** Magic, length of the payload, its CRC-32; all little-endian. */
const HEADER_BYTES = 12;

/**
 * One frame holds all changes of one sync, so a frame is on the disk as a whole or was never acknowledged. Its payload
 * is a byte for the kind and a BSON document, again and again.
 */
export function frameOf(changes: readonly Change[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const parts: Uint8Array[] = [header];
  for (const { kind, bytes } of changes) parts.push(Uint8Array.of(KINDS.indexOf(kind)), bytes);
  const frame = Buffer.concat(parts);
  const payload = frame.subarray(HEADER_BYTES);
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(payload.length, 4);
  frame.writeUInt32LE(crc32(payload), 8);
  return frame;
}

export interface Scan {
  /** Where the whole frames end; what follows was being written when the process died. */
  readonly wholeBytes: number;
  /** Where a frame is broken although whole ones follow: damage, not an interrupted write. */
  readonly damagedAt?: number;
}

/** Reads frame after frame. */
export function scanFrames(log: Buffer, each: (change: Change) => void): Scan {
  let at = 0;
  while (at < log.length) {
    const payload = payloadAt(log, at);
    if (!payload) {
      return hasFrameAfter(log, at) ? { wholeBytes: at, damagedAt: at } : { wholeBytes: at };
    }
    for (const change of changesIn(payload)) each(change);
    at += HEADER_BYTES + payload.length;
  }
  return { wholeBytes: at };
}

function payloadAt(log: Buffer, at: number): Buffer | undefined {
  if (at + HEADER_BYTES > log.length || log.readUInt32LE(at) !== MAGIC) return undefined;
  const end = at + HEADER_BYTES + log.readUInt32LE(at + 4);
  if (end > log.length) return undefined;
  const payload = log.subarray(at + HEADER_BYTES, end);
  return crc32(payload) === log.readUInt32LE(at + 8) ? payload : undefined;
}

function hasFrameAfter(log: Buffer, broken: number): boolean {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(MAGIC);
  for (let at = log.indexOf(magic, broken + 1); at !== -1; at = log.indexOf(magic, at + 1)) {
    if (payloadAt(log, at)) return true;
  }
  return false;
}

function* changesIn(payload: Buffer): Generator<Change> {
  let at = 0;
  while (at < payload.length) {
    const kind = KINDS[payload.readUInt8(at)];
    const length = payload.readInt32LE(at + 1);
    if (!kind || length < 5 || at + 1 + length > payload.length) throw new Error('a frame of another version');
    yield { kind, bytes: payload.subarray(at + 1, at + 1 + length) };
    at += 1 + length;
  }
}
