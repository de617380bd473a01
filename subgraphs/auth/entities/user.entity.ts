import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { PromptStorage } from '#shared/context/prompt-storage.js';
import type { Role } from '#shared/context/viewer.js';

/** Table `users` of §3.1 of the original specification; `role_changed_at` and what is about prompts are ours. */
@Entity({ tableName: 'users' })
export class UserRow {
  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  /** Trimmed and in lower case, so that the unique constraint means what people mean. */
  @Property({ type: 'text', unique: true })
  email!: string;

  @Property({ type: 'text', lazy: true, hidden: true })
  passwordHash!: string;

  @Property({ type: 'text', default: 'user' })
  role!: Role;

  @Property({ type: 'datetime', defaultRaw: 'now()' })
  createdAt!: Date;

  @Property({ type: 'datetime', nullable: true })
  roleChangedAt!: Date | null;

  @Property({ type: 'text', default: 'plain' })
  promptStorage!: PromptStorage;

  @Property({ type: 'datetime', nullable: true })
  promptStorageChangedAt!: Date | null;
}
