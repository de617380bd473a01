import { Migration } from '@mikro-orm/migrations';

/** When a role last changed: access tokens that were issued before carry the old one, and are refused. */
export class RoleChanges extends Migration {
  override up(): void {
    this.addSql('alter table users add column role_changed_at timestamptz');
    this.addSql('create index on users(role_changed_at) where role_changed_at is not null');
  }

  override down(): void {
    this.addSql('alter table users drop column role_changed_at');
  }
}
