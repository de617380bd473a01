import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ChatTurn } from '#shared/llm/llm.port.js';
import { newMessages, titleOf, WINDOW_SIZE, windowAfter } from './transcript.js';

const turn = fc.record<ChatTurn>({
  role: fc.constantFrom('user', 'assistant'),
  content: fc.constantFrom('a', 'b', 'c', 'd'),
});
const user = (content: string): ChatTurn => ({ role: 'user', content });

describe('newMessages', () => {
  it('are all of them where the conversation is not repeated', () => {
    expect(newMessages([user('one')], [user('two')])).toEqual([user('two')]);
    expect(newMessages([], [user('one'), user('two')])).toEqual([user('one'), user('two')]);
  });

  it('are what follows the conversation where it is repeated, however long it is', () => {
    const property = fc.property(
      fc.array(turn, { minLength: 1, maxLength: 90 }),
      fc.array(turn, { maxLength: 3 }),
      (said, added) => {
        expect(newMessages(windowAfter([], said), [...said, ...added])).toEqual(added);
      },
    );
    fc.assert(property);
  });
});

describe('windowAfter', () => {
  it('keeps the latest messages, no more than its size', () => {
    const said = Array.from({ length: WINDOW_SIZE + 5 }, (_, at) => user(String(at)));
    expect(windowAfter(said.slice(0, 3), said.slice(3))).toEqual(said.slice(5));
  });
});

describe('titleOf', () => {
  it.each([
    [
      'the first that the user says',
      [{ role: 'system', content: 'Be brief.' } as const, user('Hola'), user('Bye')],
      'Hola',
    ],
    ['on one line', [user(' Hola \n mundo ')], 'Hola mundo'],
    ['cut between words', [user('word '.repeat(20))], `${'word '.repeat(12).trimEnd()}…`],
    ['cut anywhere where there are no words', [user('x'.repeat(99))], `${'x'.repeat(60)}…`],
    ['with no character torn', [user('😀'.repeat(99))], `${'😀'.repeat(60)}…`],
    ['none where the user says nothing', [user('  ')], null],
    ['none where there is nothing', [], null],
  ])('is %s', (_case, messages, expected) => {
    expect(titleOf(messages)).toBe(expected);
  });
});
