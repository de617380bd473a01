import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Env } from '#shared/config/load-config.js';
import type { Engines } from './engines.js';
import type { Ports } from './ports.js';
import type { LocalSecrets } from './secrets.js';
import type { ServiceProgram } from './service-process.js';

export const LLM_SERVICES = ['image', 'summarize', 'chat'] as const;
const SUBGRAPHS = ['auth', 'analytics', ...LLM_SERVICES] as const;
type SubgraphName = (typeof SUBGRAPHS)[number];

/** Settings of the operator's own that reach every service, when they are set. */
const PASSED_ON =
  /^(LOG_LEVEL|NODE_ENV|LLM_\w+|PROVIDER_API_KEY|CORS_ORIGIN|RATE_LIMIT_PER_MIN|ACCESS_TTL|REFRESH_TTL|BCRYPT_ROUNDS|EVENTS_TTL_DAYS|SUBGRAPH_TIMEOUT_MS|LLM_DEADLINE_MS|MAX_BODY_BYTES)$/;

export interface ServiceParts {
  readonly engines: Engines;
  readonly secrets: LocalSecrets;
  readonly ports: Ports;
  readonly port: number;
  readonly env: Env;
  readonly logDir: string;
}

/** The compiled programs; this file is either among them or, under test, beside their sources. */
const DIST = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../..' : '../../dist', import.meta.url));

export function bucketOf(service: string): string {
  return `llmhist-${service}-dev`;
}

/** The five subgraphs, each with just the settings that it needs. */
export function subgraphPrograms(parts: ServiceParts): ServiceProgram[] {
  return SUBGRAPHS.map((name) => ({
    name,
    entry: join(DIST, 'subgraphs', name, 'main.js'),
    url: `http://127.0.0.1:${parts.ports[name]}`,
    logFile: join(parts.logDir, `${name}.log`),
    env: { ...commonEnv(parts), PORT: String(parts.ports[name]), ...ownEnv(name, parts) },
  }));
}

export function supergraphProgram(parts: ServiceParts): ServiceProgram {
  const urlOf = (name: SubgraphName): string => `http://127.0.0.1:${parts.ports[name]}`;
  return {
    name: 'supergraph',
    entry: join(DIST, 'supergraph', 'main.js'),
    url: `http://127.0.0.1:${parts.port}`,
    logFile: join(parts.logDir, 'supergraph.log'),
    env: {
      ...commonEnv(parts),
      PORT: String(parts.port),
      AUTH_URL: urlOf('auth'),
      ANALYTICS_URL: urlOf('analytics'),
      IMAGE_URL: urlOf('image'),
      SUM_URL: urlOf('summarize'),
      CHAT_URL: urlOf('chat'),
    },
  };
}

function commonEnv({ env, secrets }: ServiceParts): Env {
  const passedOn = Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
  return { ...passedOn, JWT_PUBLIC_KEY: secrets.user.publicKey };
}

function ownEnv(name: SubgraphName, { engines, secrets, ports }: ServiceParts): Env {
  if (name === 'auth') return { DATABASE_URL: engines.databaseUrl, JWT_PRIVATE_KEY: secrets.user.privateKey };
  if (name === 'analytics') {
    return { ANALYTICS_MONGO_URI: engines.mongoUrl, SERVICE_PUBLIC_KEY: secrets.service.publicKey };
  }
  return {
    S3_ENDPOINT: engines.s3.endpoint,
    S3_REGION: engines.s3.region,
    S3_ACCESS_KEY: engines.s3.accessKeyId,
    S3_SECRET_KEY: engines.s3.secretAccessKey,
    S3_BUCKET: bucketOf(name),
    ANALYTICS_URL: `http://127.0.0.1:${ports.analytics}`,
    SERVICE_PRIVATE_KEY: secrets.service.privateKey,
  };
}
