import { readFile } from 'node:fs/promises';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { System } from '../support/system.js';

export interface Looked {
  /** Objects, events and log files that have the words. */
  readonly places: readonly string[];
  /** How many were looked at. */
  readonly count: number;
}

/** Where in the buckets of the LLM services, in a user's events (of which there must be so many), and in the logs of all services words are found. */
export async function placesOf(
  words: RegExp,
  system: System,
  { userId, events }: { userId: string; events: number },
): Promise<Looked> {
  const texts: [place: string, text: string][] = [];
  for (const service of LLM_SERVICES) {
    for (const key of await system.keys(service)) {
      texts.push([`${service} ${key}`, (await system.object(service, key)).toString()]);
    }
  }
  for (const event of await system.events(userId, events)) texts.push(['event', JSON.stringify(event)]);
  for (const { program } of system.platform.services.values()) {
    texts.push([program.logFile, await readFile(program.logFile, 'utf8')]);
  }
  return { places: texts.filter(([, text]) => words.test(text)).map(([place]) => place), count: texts.length };
}
