import DataLoader from 'dataloader';
import { readJson } from '#shared/history/store/json-object.js';
import type { ObjectStore } from '#shared/history/store/object-store.port.js';
import type { ChatTurn } from '#shared/llm/llm.port.js';

export type AnswerLoader = DataLoader<string, ChatTurn | null>;

/** Answers by the keys of their `output.json`, each read once a request; null where the file has expired. */
export function createAnswerLoader(store: ObjectStore): AnswerLoader {
  return new DataLoader((keys) =>
    Promise.all(
      keys.map(async (key) => {
        const found = await readJson(store, key);
        return found && (found.value as ChatTurn);
      }),
    ),
  );
}
