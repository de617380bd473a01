import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { processEnv } from '#shared/config/env-fields.js';
import type { Env } from '#shared/config/load-config.js';
import { analyticsConfig } from '../../subgraphs/analytics/config.js';
import { authConfig } from '../../subgraphs/auth/config.js';
import { chatConfig } from '../../subgraphs/chat/config.js';
import { imageConfig } from '../../subgraphs/image/config.js';
import { summarizeConfig } from '../../subgraphs/summarize/config.js';
import { supergraphConfig } from '../../supergraph/config.js';
import { bucketOf } from '../provision/bucket-names.js';
import { SUBGRAPH_NAMES, type SubgraphName } from '../subgraph-names.js';
import type { Engines } from './engines.js';
import type { Ports } from './ports.js';
import type { LocalSecrets } from './secrets.js';
import type { ServiceProgram } from './service-process.js';

const CONFIGS = {
  auth: authConfig,
  analytics: analyticsConfig,
  image: imageConfig,
  summarize: summarizeConfig,
  chat: chatConfig,
  supergraph: supergraphConfig,
} as const;
const RELEASED_WITHIN_MS = 5_000;
/** Where services listen is for the conductor to say. */
const NOT_PASSED_ON = new Set(['HOST', 'PORT']);

export interface ServiceParts {
  readonly engines: Engines;
  readonly bucketPattern: string;
  readonly secrets: LocalSecrets;
  readonly ports: Ports;
  readonly port: number;
  readonly env: Env;
  readonly logDir: string;
}

/** Programs and what else is built; this file is either among them or, under test, beside their sources. */
const DIST = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../..' : '../../dist', import.meta.url));

/** The five subgraphs, each with just the settings that it needs. */
export function subgraphPrograms(parts: ServiceParts): ServiceProgram[] {
  return SUBGRAPH_NAMES.map((name) => ({
    name,
    entry: join(DIST, 'services', name, 'main.js'),
    url: `http://127.0.0.1:${parts.ports[name]}`,
    logFile: join(parts.logDir, `${name}.log`),
    stopWithinMs: stopWithinMs(parts.env),
    env: { ...commonEnv(name, parts), PORT: String(parts.ports[name]), ...ownEnv(name, parts) },
  }));
}

export function supergraphProgram(parts: ServiceParts): ServiceProgram {
  const urlOf = (name: SubgraphName): string => `http://127.0.0.1:${parts.ports[name]}`;
  return {
    name: 'supergraph',
    entry: join(DIST, 'services/supergraph/main.js'),
    url: `http://127.0.0.1:${parts.port}`,
    logFile: join(parts.logDir, 'supergraph.log'),
    stopWithinMs: stopWithinMs(parts.env),
    env: {
      ...commonEnv('supergraph', parts),
      PORT: String(parts.port),
      ANALYTICS_URL: urlOf('analytics'),
      IMAGE_URL: urlOf('image'),
      SUM_URL: urlOf('summarize'),
      CHAT_URL: urlOf('chat'),
    },
  };
}

/** What a service gives its requests, and then some for the rest. A setting that is none is for the service to refuse. */
function stopWithinMs({ SHUTDOWN_GRACE }: Env): number {
  const grace = processEnv.SHUTDOWN_GRACE.safeParse(SHUTDOWN_GRACE || undefined);
  return RELEASED_WITHIN_MS + (grace.data ?? 0);
}

/** The operator's own settings that the service knows, and what all have in common. */
function commonEnv(service: keyof typeof CONFIGS, { env, ports, secrets }: ServiceParts): Env {
  const known = Object.keys(CONFIGS[service].shape).filter((name) => !NOT_PASSED_ON.has(name) && env[name]);
  return {
    ...Object.fromEntries(known.map((name) => [name, env[name]])),
    JWT_PUBLIC_KEY: secrets.user.publicKey,
    // What V8 has compiled once is read the next time.
    NODE_COMPILE_CACHE: join(DIST, 'compiled'),
    ...(service !== 'auth' && { AUTH_URL: `http://127.0.0.1:${ports.auth}` }),
  };
}

function ownEnv(name: SubgraphName, { engines, bucketPattern, secrets, ports }: ServiceParts): Env {
  if (name === 'auth') return { DATABASE_URL: engines.databaseUrl, JWT_PRIVATE_KEY: secrets.user.privateKey };
  if (name === 'analytics') {
    return { ANALYTICS_MONGO_URI: engines.mongoUrl, SERVICE_PUBLIC_KEY: secrets.service.publicKey };
  }
  return {
    S3_ENDPOINT: engines.s3.endpoint,
    S3_REGION: engines.s3.region,
    S3_ACCESS_KEY: engines.s3.accessKeyId,
    S3_SECRET_KEY: engines.s3.secretAccessKey,
    S3_BUCKET: bucketOf(bucketPattern, name),
    ANALYTICS_URL: `http://127.0.0.1:${ports.analytics}`,
    SERVICE_PRIVATE_KEY: secrets.service.privateKey,
  };
}
