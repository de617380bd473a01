import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Table `sessions` of §3.1 of the original specification; `expires_at` and `last_used_at` are ours. */
@Entity({ tableName: 'sessions' })
export class SessionRow {
  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Index()
  @Property({ type: 'uuid' })
  userId!: string;

  /** SHA-256 of the refresh token, hex. The token itself is nowhere. */
  @Property({ type: 'text' })
  refreshTokenHash!: string;

  @Property({ type: 'text', nullable: true })
  userAgent!: string | null;

  @Property({ columnType: 'inet', type: 'string', nullable: true })
  ip!: string | null;

  @Property({ type: 'datetime', defaultRaw: 'now()' })
  createdAt!: Date;

  @Property({ type: 'datetime', defaultRaw: 'now()' })
  lastUsedAt!: Date;

  @Property({ type: 'datetime' })
  expiresAt!: Date;

  @Property({ type: 'datetime', nullable: true })
  revokedAt!: Date | null;
}
