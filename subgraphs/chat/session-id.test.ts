import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sessionAddress } from './session-id.js';

const ANA = '5f0c1f8e-3f5b-4c39-9d5e-2f6c0a7b1d11';
const BOB = '9b8f7d52-7c1e-4a53-8a52-6f3f3a0f9e21';

describe('sessionAddress', () => {
  it('of a chosen id is always the same for a user, another for another user, and holds nothing of the id', () => {
    const address = sessionAddress(ANA, 'demo');
    // Where sessions lie may never change: this is the address that version 0.1 gave it.
    expect(address).toEqual({ storageId: '46f163c0-82d6-5d03-845f-b7508c8e75c6', isChosen: true });
    expect(sessionAddress(ANA, 'demo')).toEqual(address);
    expect(sessionAddress(BOB, 'demo')?.storageId).not.toBe(address?.storageId);
    expect(sessionAddress(ANA, 'Demo')?.storageId).not.toBe(address?.storageId);
  });

  it('of an id that we made is that id, in whatever case', () => {
    const id = randomUUID();
    expect(sessionAddress(ANA, id.toUpperCase())).toEqual({ storageId: id, isChosen: false });
  });

  it.each(['', ' ', '../x', 'a/b', 'a.b', 'ñ', 'x'.repeat(65), 'demo\n'])('is none for %j', (id) => {
    expect(sessionAddress(ANA, id)).toBeNull();
  });
});
