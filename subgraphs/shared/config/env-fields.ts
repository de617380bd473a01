import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `900s`, `15m`, `30d`, `500ms`: a length of time, in milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be a number and a unit, such as 900s, 15m or 30d')
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof UNIT_MS;
    return Number.parseInt(text, 10) * UNIT_MS[unit];
  });

/** A whole number within bounds. */
export function integer(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(rule).int(rule).min(min, rule).max(max, rule);
}

export const port = integer(0, 65_535);

/** An absolute http(s) URL without a trailing slash. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Items separated by commas; spaces around them and empty ones do not count. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** A PEM as environment files carry it: real line breaks, or `\n` written out. */
export const pem = z
  .string()
  .transform((text) => text.replaceAll('\\n', '\n').trim())
  .refine((text) => text.startsWith('-----BEGIN '), 'must be a PEM');

/** Settings that every process of the platform has. */
export const processEnv = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** The address to listen on. Containers set 0.0.0.0. */
  HOST: z.string().default('127.0.0.1'),
  /** How long requests that are under way may still take when the process is told to stop. */
  SHUTDOWN_GRACE: duration.default(10_000),
};

/**
 * How long a model's answer may take in all, retries and fallbacks included, in milliseconds. The LLM services make the deadline of
 * each call from it, and the supergraph waits for them accordingly.
 */
export const llmTimeoutMs = integer(100, 600_000).default(60_000);

/** Settings of whoever checks access tokens: all subgraphs and the supergraph. */
export const tokenCheckEnv = {
  /** One or more PEM public keys, one after the other; two while keys are being rotated. */
  JWT_PUBLIC_KEY: pem,
  JWT_ISSUER: z.string().default('llm-supergraph'),
  JWT_AUDIENCE: z.string().default('llm-supergraph'),
  /** Within this time of its revocation an access token is refused everywhere. */
  REVOCATION_LAG: duration.default(10_000),
  /** For so long a process trusts what it last heard of revocations while the auth service is silent. */
  REVOCATION_GRACE: duration.default(300_000),
};
