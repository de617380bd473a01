import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { validate as isUuid } from 'uuid';
import { UserRow } from './entities/user.entity.js';

export type UserLoader = DataLoader<string, UserRow | null>;

/** Accounts by id: one query for all that a request asks for. What is no id is nobody's. */
export function createUserLoader(em: EntityManager): UserLoader {
  return new DataLoader(async (ids) => {
    const rows = await em.find(UserRow, { id: { $in: ids.filter((id) => isUuid(id)) } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
