import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import { streamEnv } from './stream.config.js';

describe('STREAM_LINGER', () => {
  const load = (env: Record<string, string>) => loadConfig(z.object(streamEnv), env);

  it('is 30 seconds, in memory, unless set', () => expect(load({})).toEqual({ STREAM_LINGER: 30_000 }));

  it('is a duration', () => {
    expect(load({ STREAM_LINGER: '2m', REDIS_URL: 'redis://redis' })).toEqual({
      STREAM_LINGER: 120_000,
      REDIS_URL: 'redis://redis',
    });
    expect(() => load({ STREAM_LINGER: '30' })).toThrow('STREAM_LINGER: must be a number and a unit');
  });
});
