import type { MikroORM } from '@mikro-orm/postgresql';
import { RevocationList } from '#shared/context/revocation-list.js';
import type { Logger } from '#shared/logging/logger.js';
import type { AuthConfig } from './config.js';
import { RevocationService } from './revocation.service.js';

export interface OwnRevocationsParts {
  readonly orm: MikroORM;
  readonly config: AuthConfig;
  readonly log: Logger;
}

/** What is revoked, read by the auth service itself from the database that it shares with its replicas. */
export function openOwnRevocations({ orm, config, log }: OwnRevocationsParts): RevocationList {
  const list = new RevocationList({
    source: (since) => {
      const em = orm.em.fork();
      const service = new RevocationService({ em, accessTtlMs: config.ACCESS_TTL, now: () => new Date() });
      return service.list(since === null ? null : new Date(since));
    },
    lagMs: config.REVOCATION_LAG,
    graceMs: config.REVOCATION_GRACE,
    log,
  });
  void list.run();
  return list;
}
