import { availableParallelism } from 'node:os';

/** What figures were taken on, and when. */
export function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.version}, ${date}`;
}
