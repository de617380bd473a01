import { describe, expect, it } from '@jest/globals';
import { acceptsStream } from './accepts-stream.js';

describe('acceptsStream', () => {
  it.each([
    'text/event-stream',
    'Text/Event-Stream; q=0.9',
    'text/event-stream, application/json',
    'application/json;q=0.5, text/event-stream, */*',
  ])('gives events to who accepts %s', (accept) => expect(acceptsStream(accept)).toBe(true));

  it.each([
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json, text/event-stream',
    'text/event-stream;q=0',
    'text/event-stream;q=0.1, application/json;q=0.2',
    'text/event-stream;q=x',
  ])('gives JSON to who accepts %s', (accept) => expect(acceptsStream(accept)).toBe(false));
});
