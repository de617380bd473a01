import { parentPort, workerData } from 'node:worker_threads';
import { readPage, type PageBytes, type Reading } from './read-page.js';

/** What the thread is given, and what it says when it has read it; after that it ends. */
export type ReaderThreadData = PageBytes;
export type ReaderThreadReport = Reading;

const report: ReaderThreadReport = await readPage(workerData as ReaderThreadData);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
parentPort?.postMessage(report);
