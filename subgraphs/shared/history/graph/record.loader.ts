import DataLoader from 'dataloader';
import type { History, HistoryRecord } from '../history.port.js';

export type RecordLoader = DataLoader<string, HistoryRecord | null>;

/** Records by id, each read once a request. S3 has no call for many objects: they are read side by side. */
export function createRecordLoader(history: History): RecordLoader {
  return new DataLoader((ids) => Promise.all(ids.map((id) => history.find(id))));
}
