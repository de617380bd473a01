import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import { redisEnv } from './redis.config.js';

const load = (url: string): string | undefined => loadConfig(z.object(redisEnv), { REDIS_URL: url }).REDIS_URL;

describe('REDIS_URL', () => {
  it('may be absent', () => expect(load('')).toBeUndefined());

  it.each(['redis://127.0.0.1:6379', 'redis://:secret@redis/2', 'rediss://user:secret@redis.example:6380'])(
    'may be %s',
    (url) => expect(load(url)).toBe(url),
  );

  it.each(['http://secret.example', 'redis:secret', 'redis://', 'secret:6379'])(
    'is refused without being repeated: %s',
    (url) => {
      expect(() => load(url)).toThrow('REDIS_URL: must be a redis:// or rediss:// URL');
      expect(() => load(url)).not.toThrow(/secret/);
    },
  );
});
