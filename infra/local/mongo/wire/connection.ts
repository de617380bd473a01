import type { Socket } from 'node:net';
import type { Document } from '../values/document.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import { HEADER_BYTES, readRequest, replyTo } from './message.js';

/**
 * Serves one client: its messages one after the other, each answered before the next is begun. A message that is not
 * one ends the connection, as MongoDB does. Resolves when the connection is over.
 */
export async function serveConnection(socket: Socket, run: (command: Document) => Promise<Document>): Promise<void> {
  socket.setNoDelay(true);
  try {
    for await (const message of messages(socket)) {
      const request = readRequest(message);
      const reply = await run(request.command);
      if (!request.silent && !socket.write(replyTo(request, reply))) await drained(socket);
    }
  } catch {
    // Not a message, or the client has gone: either way there is nobody left to answer.
  } finally {
    socket.destroy();
  }
}

/** Cuts the stream into messages by the length each starts with. Throws when that cannot be one. */
async function* messages(socket: Socket): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= HEADER_BYTES) {
      const length = lengthOf(chunks);
      if (size < length) break;
      const all = Buffer.concat(chunks);
      yield all.subarray(0, length);
      chunks = [all.subarray(length)];
      size -= length;
    }
  }
}

function lengthOf(chunks: Buffer[]): number {
  if ((chunks[0]?.length ?? 0) < 4) chunks.splice(0, chunks.length, Buffer.concat(chunks));
  const length = chunks[0]?.readInt32LE(0) ?? 0;
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) throw new Error(`a message of ${length} bytes`);
  return length;
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}
