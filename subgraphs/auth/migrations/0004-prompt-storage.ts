import { Migration } from '@mikro-orm/migrations';

/** What a user wishes to be kept of their words, and since when: access tokens carry the wish, and those from before it must not be taken. */
export class PromptStorageOfUsers extends Migration {
  override up(): void {
    this.addSql(`alter table users
      add column prompt_storage text not null default 'plain' check (prompt_storage in ('plain', 'hash')),
      add column prompt_storage_changed_at timestamptz`);
    this.addSql('create index on users(prompt_storage_changed_at) where prompt_storage_changed_at is not null');
  }

  override down(): void {
    this.addSql('alter table users drop column prompt_storage, drop column prompt_storage_changed_at');
  }
}
