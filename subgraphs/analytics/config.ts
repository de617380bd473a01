import { z } from 'zod';
import { integer, pem } from '#shared/config/env-fields.js';
import { serviceConfig } from '#shared/config/service-config.js';
import { subgraphEnv } from '#shared/config/subgraph-env.js';

export const analyticsConfig = serviceConfig({
  ...subgraphEnv,
  ANALYTICS_MONGO_URI: z.url({ protocol: /^mongodb(\+srv)?$/, error: 'must be a mongodb:// URL' }),
  ANALYTICS_DB: z.string().default('analytics'),
  ANALYTICS_COLLECTION: z.string().default('events'),
  /** Events older than this are deleted by the database; unset, they stay for ever. */
  EVENTS_TTL_DAYS: integer(1, 36_500).optional(),
  /** One or more PEM public keys of the services that deliver events; two while keys are being rotated. */
  SERVICE_PUBLIC_KEY: pem,
});

export type AnalyticsConfig = z.output<typeof analyticsConfig>;
