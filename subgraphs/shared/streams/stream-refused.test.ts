import { describe, expect, it } from '@jest/globals';
import { formattedErrorOf, publicErrorOf } from '#shared/errors/public-error.js';
import { MemoryStreamLog } from './memory/memory-stream-log.js';
import { StreamRefused } from './stream-refused.js';

const toldToClients = (error: unknown) => formattedErrorOf({ message: 'as it was thrown' }, publicErrorOf(error));

describe('StreamRefused', () => {
  it('tells clients to come back when the log cannot be reached, and the log alone why', () => {
    const refused = new StreamRefused('unreachable', { cause: new Error('connect ECONNREFUSED 127.0.0.1:6379') });
    expect(toldToClients(refused)).toEqual({
      message: 'Answers cannot be streamed right now. Try again in a while.',
      extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
    });
    expect(refused.cause).toMatchObject({
      message: 'The stream log cannot be reached',
      cause: { message: 'connect ECONNREFUSED 127.0.0.1:6379' },
    });
  });

  it('tells them so too when the log is full', async () => {
    const log = new MemoryStreamLog({ lingerMs: 1_000, maxBytes: 0, timer: () => () => undefined });
    const refused: unknown = await log.open('id', { userId: 'ana' }).catch((error: unknown) => error);
    expect(toldToClients(refused).extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  });
});
