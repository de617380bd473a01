import { Entity, PrimaryKey, Property, SerializedPrimaryKey } from '@mikro-orm/decorators/legacy';
import { ObjectId } from '@mikro-orm/mongodb';
import type { EventOrigin, EventService } from '#shared/events/usage-event.js';

/** Collection `events` of §3.2 of the original specification; `origin` is ours. */
@Entity({ collection: 'events' })
export class EventRow {
  @PrimaryKey({ type: ObjectId })
  _id!: ObjectId;

  @SerializedPrimaryKey({ type: 'string' })
  id!: string;

  @Property({ type: 'datetime' })
  ts!: Date;

  @Property({ type: 'string' })
  userId!: string;

  @Property({ type: 'string' })
  username!: string;

  @Property({ type: 'string' })
  service!: EventService;

  @Property({ type: 'string' })
  action!: string;

  @Property({ type: 'string' })
  requestId!: string;

  @Property({ type: 'string' })
  provider!: string;

  @Property({ type: 'string' })
  model!: string;

  @Property({ type: 'double' })
  latencyMs!: number;

  @Property({ type: 'integer' })
  status!: number;

  @Property({ type: 'json' })
  tokens!: { in: number; out: number };

  @Property({ type: 'json' })
  size!: { inputBytes: number; outputBytes: number };

  @Property({ type: 'json' })
  cost!: { usd: number | null };

  @Property({ type: 'json' })
  meta!: Record<string, unknown>;

  @Property({ type: 'string' })
  origin!: EventOrigin;
}

/** A stored event as the database holds it: without the property that MikroORM derives. */
export type EventDocument = Omit<EventRow, 'id'>;
