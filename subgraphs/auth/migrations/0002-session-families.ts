import { Migration } from '@mikro-orm/migrations';

/** A session is a family of refresh tokens (RFC 9700 §4.14.2): the ones it has used up are remembered, to know one that comes back. */
export class SessionFamilies extends Migration {
  override up(): void {
    this.addSql(`create table used_refresh_tokens (
      token_hash text primary key,
      session_id uuid not null references sessions(id) on delete cascade,
      used_at timestamptz not null default now()
    )`);
    this.addSql('create index on used_refresh_tokens(session_id)');
    this.addSql('create index on sessions(revoked_at) where revoked_at is not null');
  }

  override down(): void {
    this.addSql('drop table used_refresh_tokens');
    this.addSql('drop index sessions_revoked_at_idx');
  }
}
