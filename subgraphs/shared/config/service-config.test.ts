import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { duration, httpUrl, integer, pem, processEnv } from './env-fields.js';
import { ConfigError, loadConfig, type Env } from './load-config.js';
import { serviceConfig } from './service-config.js';

const STRONG = 'kJ8vQ2mX7pLw9TzR';
const schema = serviceConfig({
  ...processEnv,
  DATABASE_URL: z.url(),
  ANALYTICS_MONGO_URI: z.url(),
  REDIS_URL: z.url().optional(),
  S3_SECRET_KEY: z.string(),
});
const GOOD = {
  NODE_ENV: 'production',
  DATABASE_URL: `postgresql://auth:${STRONG}@db/auth`,
  ANALYTICS_MONGO_URI: `mongodb://analytics:${STRONG}@mongo/analytics`,
  REDIS_URL: `redis://:${STRONG}@redis:6379`,
  S3_SECRET_KEY: STRONG,
};

function problemsOf(env: Env): readonly string[] {
  try {
    loadConfig(schema, env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('serviceConfig in production', () => {
  it('takes secrets of one’s own', () => {
    expect(problemsOf(GOOD)).toEqual([]);
    expect(problemsOf({ ...GOOD, REDIS_URL: '' })).toEqual([]);
    expect(problemsOf({ ...GOOD, DATABASE_URL: 'postgresql://auth:p%40ss%2Fword%3Aof%20mine@db/auth' })).toEqual([]);
  });

  it.each(['minio123', 'MinioAdmin', 'change-me', 'password', STRONG.slice(1), 'x'])(
    'refuses the secret %j',
    (weak) => {
      const problems = problemsOf({
        ...GOOD,
        S3_SECRET_KEY: weak,
        DATABASE_URL: `postgresql://auth:${weak}@db/auth`,
        ANALYTICS_MONGO_URI: `mongodb://analytics:${weak}@mongo/analytics`,
        REDIS_URL: `redis://:${weak}@redis:6379`,
      });
      const named = problems.map((problem) => problem.split(':')[0] ?? '');
      expect(new Set(named)).toEqual(new Set(['ANALYTICS_MONGO_URI', 'DATABASE_URL', 'REDIS_URL', 'S3_SECRET_KEY']));
      // The word, or a letter, is in any message.
      if (weak !== 'password' && weak !== 'x') expect(problems.join('\n')).not.toContain(weak);
      for (const problem of problems) expect(problem).toMatch(/at least 16 characters in production$/);
    },
  );

  it('refuses a store without a password, and what is missing, with all else that is wrong', () => {
    const { S3_SECRET_KEY: _none, ...rest } = GOOD;
    expect(
      problemsOf({ ...rest, DATABASE_URL: 'postgresql://db/auth' }).some((p) => p.startsWith('S3_SECRET_KEY')),
    ).toBe(true);
    expect(problemsOf({ ...GOOD, DATABASE_URL: 'postgresql://db/auth', REDIS_URL: 'redis://redis' })).toHaveLength(2);
  });

  it('does not stumble over a password that is not well encoded', () => {
    expect(problemsOf({ ...GOOD, DATABASE_URL: 'postgresql://auth:100%-my-own-password@db/auth' })).toEqual([]);
    expect(problemsOf({ ...GOOD, DATABASE_URL: 'postgresql://auth:100%@db/auth' })).toHaveLength(1);
  });

  it.each(['development', 'test', undefined])('and nothing of this with NODE_ENV %s', (mode) => {
    const weak = { S3_SECRET_KEY: 'minio123', DATABASE_URL: 'postgresql://db/auth', REDIS_URL: 'redis://redis' };
    expect(problemsOf({ ...GOOD, ...weak, NODE_ENV: mode })).toEqual([]);
  });
});

describe('loadConfig', () => {
  const fields = z.object({ TTL: duration, COUNT: integer(1, 9), URL: httpUrl, KEY: pem });

  it('takes an empty text as unset, and lists every bad name at once, never a value', () => {
    const env = { TTL: 'soon-secret', COUNT: '10', URL: ' ', KEY: 'key-secret' };
    try {
      loadConfig(fields, env);
      throw new Error('it took them');
    } catch (error) {
      const { problems, message } = error as ConfigError;
      expect(problems.map((problem) => problem.split(':')[0])).toEqual(['TTL', 'COUNT', 'URL', 'KEY']);
      expect(problems[2]).toBe('URL: is required and not set');
      expect(message).not.toMatch(/secret|10/);
    }
  });

  it('reads durations, numbers, URLs and keys', () => {
    const read = (TTL: string) =>
      loadConfig(fields, { TTL, COUNT: '9', URL: 'http://x/', KEY: '-----BEGIN X-----\\nabc\\n' });
    expect(read('15m')).toEqual({ TTL: 900_000, COUNT: 9, URL: 'http://x', KEY: '-----BEGIN X-----\nabc' });
    expect(['500ms', '900s', '2h', '30d'].map((text) => read(text).TTL)).toEqual([
      500, 900_000, 7_200_000, 2_592_000_000,
    ]);
    for (const text of ['15', 'm', '-1s', '1.5h', '15 m', '1w', '1s1m']) expect(() => read(text)).toThrow(ConfigError);
  });
});
