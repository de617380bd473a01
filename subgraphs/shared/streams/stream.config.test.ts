import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import { streamEnv } from './stream.config.js';

const load = (env: Record<string, string>) => loadConfig(z.object(streamEnv), env);

describe('STREAM_LINGER', () => {
  it('is 30 seconds, in memory, unless set', () => {
    expect(load({})).toEqual({ STREAM_LINGER: 30_000, STREAM_MEMORY_BYTES: 134_217_728 });
  });

  it('is a duration', () => {
    expect(load({ STREAM_LINGER: '2m', REDIS_URL: 'redis://redis' })).toMatchObject({
      STREAM_LINGER: 120_000,
      REDIS_URL: 'redis://redis',
    });
    expect(() => load({ STREAM_LINGER: '30' })).toThrow('STREAM_LINGER: must be a number and a unit');
  });
});

describe('STREAM_MEMORY_BYTES', () => {
  it('is a number of bytes, a mebibyte or more', () => {
    expect(load({ STREAM_MEMORY_BYTES: '1048576' })).toMatchObject({ STREAM_MEMORY_BYTES: 1_048_576 });
    expect(() => load({ STREAM_MEMORY_BYTES: '1' })).toThrow(
      'STREAM_MEMORY_BYTES: must be a whole number from 1048576',
    );
  });
});
