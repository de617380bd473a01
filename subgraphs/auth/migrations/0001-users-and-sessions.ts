import { Migration } from '@mikro-orm/migrations';

/** §3.1 of the original specification, with two columns of ours on `sessions`. */
export class UsersAndSessions extends Migration {
  override up(): void {
    this.addSql('create extension if not exists pgcrypto');
    this.addSql(`create table users (
      id uuid primary key default gen_random_uuid(),
      email text unique not null,
      password_hash text not null,
      role text not null default 'user' check (role in ('user', 'admin')),
      created_at timestamptz not null default now()
    )`);
    this.addSql(`create table sessions (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users(id),
      refresh_token_hash text not null,
      user_agent text,
      ip inet,
      created_at timestamptz not null default now(),
      last_used_at timestamptz not null default now(),
      expires_at timestamptz not null,
      revoked_at timestamptz
    )`);
    this.addSql('create index on sessions(user_id)');
    this.addSql('create unique index on sessions(refresh_token_hash)');
  }

  override down(): void {
    this.addSql('drop table sessions');
    this.addSql('drop table users');
  }
}
