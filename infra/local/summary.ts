import type { Platform } from './platform.js';
import type { LocalSettings } from './settings.js';

const OFFLINE_NOTICE = `  LLM answers come from the offline provider "local": extractive summaries, drawn images and a plain
  responder, without a network, a key or a model. For a real model put these into .env and start again:
    LLM_PROVIDER=openai-compatible  LLM_BASE_URL=http://127.0.0.1:11434/v1  LLM_MODEL=…  PROVIDER_API_KEY=…`;

/** What a person needs once everything runs. */
export function summaryOf({ url, engines }: Platform, { dataDir, env }: LocalSettings, seconds: number): string {
  const providers = env['LLM_PROVIDERS'] || env['LLM_PROVIDER'] || 'local';
  const llm = providers === 'local' ? OFFLINE_NOTICE : `  LLM answers come from ${providers} (the first that answers).`;
  return `
Ready in ${seconds.toFixed(1)} s

  Home       ${url}/
  GraphQL    ${url}/graphql
  REST docs  ${url}/docs
  Health     ${url}/readyz

  PostgreSQL ${withoutPassword(engines.databaseUrl)}
  MongoDB    ${withoutPassword(engines.mongoUrl)}
  S3         ${engines.s3.endpoint}
  Data       ${dataDir}  (passwords and keys: secrets.json, logs: logs/)

${llm}

Press Ctrl-C to stop.`;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:/@]+):[^@]*@/, '//$1@');
}
