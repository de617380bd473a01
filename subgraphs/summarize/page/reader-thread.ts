import { parentPort, workerData } from 'node:worker_threads';
import { readPage, type PageBytes } from './read-page.js';

const reading = await readPage(workerData as PageBytes);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
parentPort?.postMessage(reading);
