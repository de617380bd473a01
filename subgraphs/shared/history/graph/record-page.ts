import { requireOwner } from '#shared/context/viewer.js';
import { connectionOf, type Connection } from './connection.js';
import type { HistoryPageOrder } from '../history.port.js';
import type { HistoryContext } from './record.resolver.js';
import { recordFields, type RecordFields } from './record.type.js';

/** A page of a user's requests, newest first, for the user and admins. Anybody else gets NOT_FOUND, as for no such user. */
export async function recordPage(
  userId: string,
  page: HistoryPageOrder,
  context: HistoryContext,
): Promise<Connection<RecordFields>> {
  requireOwner(context, userId, 'No such user.');
  const { ids, hasNextPage } = await context.history.list(userId, page);
  const records = await Promise.all(ids.map((id) => context.records.load(id)));
  const nodes = records.flatMap((record) => (record ? [recordFields(record)] : []));
  return connectionOf(nodes, hasNextPage, ({ id }) => id);
}
