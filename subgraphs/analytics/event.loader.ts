import { ObjectId, type EntityManager } from '@mikro-orm/mongodb';
import DataLoader from 'dataloader';
import { reached } from './availability.js';
import { EventRow } from './entities/event.entity.js';

export type EventLoader = DataLoader<string, EventRow | null>;

/** Events by id: one query for all that a request asks for. An id that cannot be one is simply not there. */
export function createEventLoader(em: EntityManager): EventLoader {
  return new DataLoader(async (ids) => {
    const wanted = ids.filter((id) => /^[0-9a-f]{24}$/.test(id)).map((id) => new ObjectId(id));
    const rows = wanted.length === 0 ? [] : await find(em, wanted);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

async function find(em: EntityManager, ids: ObjectId[]): Promise<EventRow[]> {
  const documents = await reached(em.getConnection().find(EventRow, { _id: { $in: ids } }));
  return documents.map((document) => em.map(EventRow, document));
}
