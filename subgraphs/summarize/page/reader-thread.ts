import { parentPort, workerData } from 'node:worker_threads';
import { limitArrays } from './array-budget.js';
import { readPage, type PageBytes, type Reading } from './read-page.js';

/** What the thread is given. */
export interface ReaderThreadData extends PageBytes {
  /** What its arrays may take in all, beside its heap. */
  readonly maxArrayBytes: number;
}
/** What it says when it has read the page, or may not go on; the first report counts. */
export type ReaderThreadReport = Reading;

const { maxArrayBytes, ...page } = workerData as ReaderThreadData;
limitArrays(maxArrayBytes, () => report({ kind: 'unreadable', why: 'broken' }));
report(await readPage(page));

function report(reading: ReaderThreadReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
  parentPort?.postMessage(reading);
}
