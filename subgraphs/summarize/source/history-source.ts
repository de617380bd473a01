import { AppError, badInput } from '#shared/errors/app-error.js';
import type { History } from '#shared/history/history.port.js';
import { identityOf } from '#shared/history/keys.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import { sourceText, type SourceText } from './source-text.js';

export interface HistorySourceParts {
  readonly history: History;
  readonly store: ObjectStore;
}

/** The files of a request that hold text. */
const KEY = /^requests\/\d{4}\/\d{2}\/\d{2}\/([0-9a-f-]{36})\/(summary\.txt|output\.json|input\.json)$/;

/** Texts in the files of a user's own requests for summaries: other services' buckets are not within this one's reach. */
export class HistorySource {
  constructor(private readonly parts: HistorySourceParts) {}

  /**
   * The text in one of the user's files. A key is taken apart into the ids it is made of, and the key that is read is made anew
   * from these. Throws NOT_FOUND, the same for keys of others' files (an admin's included), of files that are not there and of no
   * file at all; BAD_USER_INPUT for a file of one's own without a text; SERVICE_UNAVAILABLE.
   */
  async read(s3Key: string, userId: string): Promise<SourceText> {
    const { history, store } = this.parts;
    const [, id = '', file = ''] = KEY.exec(s3Key) ?? [];
    const identity = identityOf(id);
    if (!identity || s3Key !== `${identity.base}${file}`) throw notFound();
    const record = await history.find(identity.id);
    if (record?.userId !== userId) throw notFound();
    const key = `${identity.base}${file}`;
    const found = await store.get(key);
    if (!found) throw notFound();
    const text = textOf(file, found.bytes);
    // Where prompts are not kept, the files hold hashes.
    if (text.trim() === '' || record.meta['promptStorage'] === 'hash') {
      throw badInput('input.s3Key', 'hasText', 'There is no text in that file.');
    }
    return sourceText(text, { s3Key: key, bytes: found.bytes.length });
  }
}

/** Inputs and outputs have their text in a field of that name; the input of a summary of a page has none. */
function textOf(file: string, bytes: Uint8Array): string {
  const content = Buffer.from(bytes).toString('utf8');
  if (!file.endsWith('.json')) return content;
  const { text } = JSON.parse(content) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

function notFound(): AppError {
  return new AppError('NOT_FOUND', 'No such file in your history of summaries.');
}
