import { parentPort, workerData } from 'node:worker_threads';
import { MongoEngine, type MongoEngineOptions } from './engine.js';

/** What the engine's thread says to the one that started it; being told anything, it closes and ends. */
export type EngineReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined };

export type EngineWorkerData = Omit<MongoEngineOptions, 'clock'>;

function report(message: EngineReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
  parentPort?.postMessage(message);
}

try {
  const engine = await MongoEngine.start(workerData as EngineWorkerData);
  parentPort?.once('message', () => void engine.close().finally(() => parentPort?.close()));
  report({ kind: 'listening', port: engine.port });
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  report({ kind: 'failed', message, code });
}
