import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { AppError } from '#shared/errors/app-error.js';
import type { PageBytes, Reading } from './read-page.js';
import type { ReaderThreadData, ReaderThreadReport } from './reader-thread.js';

export interface ReaderLimits {
  /** Threads at a time. */
  readonly threads: number;
  /** Pages that may wait for a thread. */
  readonly queue: number;
  readonly timeoutMs: number;
  readonly maxHeapMb: number;
  /** Arrays of bytes and numbers that one page is given in all, used again or not. Real PDFs take up to ten times their own size. */
  readonly maxArrayMb: number;
}

export const READER_LIMITS: ReaderLimits = {
  threads: 2,
  queue: 32,
  timeoutMs: 10_000,
  maxHeapMb: 256,
  maxArrayMb: 128,
};

const MEBIBYTE = 1024 * 1024;

/** The compiled program of the thread, beside this file or, where sources run as they are (tests), below `dist`. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/subgraphs/summarize/page/reader-thread.js' : './reader-thread.js',
    import.meta.url,
  ),
);

/**
 * Reads each page in a thread of its own, whose time and memory are bounded: documents are made by strangers, and their parsers
 * can be kept busy for minutes. The thread knows nothing of this process's environment.
 */
export class PageReader {
  readonly #limits: ReaderLimits;
  readonly #slots: ReturnType<typeof bulkhead>;

  constructor(limits: Partial<ReaderLimits> = {}) {
    this.#limits = { ...READER_LIMITS, ...limits };
    this.#slots = bulkhead(this.#limits.threads, this.#limits.queue);
  }

  /** A page that takes too long or too much is `broken`. Throws SERVICE_UNAVAILABLE when too many wait, and the signal's reason. */
  async read(page: PageBytes, signal: AbortSignal): Promise<Reading> {
    try {
      return await this.#slots.execute(() => this.#readInThread(page, signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new AppError('SERVICE_UNAVAILABLE', 'Too many pages are being read. Try again in a while.');
    }
  }

  async #readInThread({ bytes, contentType }: PageBytes, signal: AbortSignal): Promise<Reading> {
    const { timeoutMs, maxHeapMb, maxArrayMb } = this.#limits;
    const worker = new Worker(ENTRY, {
      workerData: { bytes, contentType, maxArrayBytes: maxArrayMb * MEBIBYTE } satisfies ReaderThreadData,
      // What Node was started with is about another program; some of it a thread even refuses.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const [reading] = (await once(worker, 'message', { signal: deadline })) as [ReaderThreadReport];
      return reading;
    } catch {
      signal.throwIfAborted();
      return { kind: 'unreadable', why: 'broken' };
    } finally {
      await worker.terminate();
    }
  }
}
