import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '#shared/context/request-context.js';
import { UserStub } from '#shared/context/user.stub.js';
import { maySee, requireOwner, requireUser } from '#shared/context/viewer.js';
import { AppError } from '#shared/errors/app-error.js';
import { EventStub } from '#shared/events/event.stub.js';
import { eventIdOf } from '#shared/events/usage-event.js';
import type { History, HistoryRecord } from '../history.port.js';
import { identityOf } from '../keys.js';
import type { RecordLoader } from './record.loader.js';
import { recordFields, type RecordFields } from './record.type.js';

/** What the context of a service with a history has. */
export interface HistoryContext extends RequestContext {
  readonly history: History;
  readonly records: RecordLoader;
}

type RecordType = abstract new () => RecordFields;

/** The argument of every field that signs a URL. */
export const URL_SEC = { defaultValue: 300, description: 'Seconds for which it works, 300 to 600.' };

/** The fields that every service's record joins: its owner, its event, and a download of `record.json`. */
export function createRecordResolver(type: RecordType) {
  @Resolver(() => type)
  abstract class RecordResolver {
    @FieldResolver(() => UserStub)
    owner(@Root() record: RecordFields): UserStub {
      return { id: record.userId };
    }

    @FieldResolver(() => EventStub, {
      nullable: true,
      description: 'What analytics has of it; null until it has arrived there, moments after the reply.',
    })
    event(@Root() record: RecordFields): EventStub {
      return { id: eventIdOf(record.id) };
    }

    @FieldResolver(() => String, { description: 'Downloads record.json.' })
    async recordUrl(
      @Root() record: RecordFields,
      @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
      @Ctx() { history }: HistoryContext,
    ): Promise<string> {
      return history.signedUrl(recordKeys(record).record, {
        expiresInSec,
        contentType: 'application/json',
        filename: `${record.id}-record.json`,
      });
    }

    @FieldResolver(() => String, { description: 'Downloads input.json.' })
    async inputUrl(
      @Root() record: RecordFields,
      @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
      @Ctx() { history }: HistoryContext,
    ): Promise<string> {
      return history.signedUrl(recordKeys(record).input, {
        expiresInSec,
        contentType: 'application/json',
        filename: `${record.id}-input.json`,
      });
    }
  }
  return RecordResolver;
}

/**
 * The record that another subgraph refers to; another user's is null, as one that does not exist. What a reference holds is
 * whatever the caller wrote: `_entities` is a door like any other.
 */
export async function resolveRecordReference(
  { id }: Readonly<Record<string, unknown>>,
  { viewer, records }: HistoryContext,
): Promise<RecordFields | null> {
  const record = typeof id === 'string' ? await records.load(id) : null;
  return record && maySee(viewer, record.userId) ? recordFields(record) : null;
}

/** The keys that every record has. */
export function recordKeys({ id }: RecordFields): { record: string; input: string } {
  const base = identityOf(id)?.base ?? '';
  return { record: `${base}record.json`, input: `${base}input.json` };
}

/** The record, for its owner and admins; for anybody else NOT_FOUND with the message of one that does not exist. */
export async function getRecord(id: string, context: HistoryContext, missing: string): Promise<HistoryRecord> {
  requireUser(context);
  const record = await context.records.load(id);
  if (!record) throw new AppError('NOT_FOUND', missing);
  requireOwner(context, record.userId, missing);
  return record;
}
