import { describe, expect, it } from '@jest/globals';
import { createPasswords, MAX_PASSWORD_BYTES } from './password.js';

describe('createPasswords', () => {
  it('hashes anew each time, with so many rounds, and recognises its own', async () => {
    const passwords = await createPasswords(5);
    const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^\$2b\$05\$/);
    expect(one).not.toBe(two);
    for (const hash of [one, two]) expect(await passwords.matches('correct horse', hash)).toBe(true);
    expect(await passwords.matches('correct horsf', one)).toBe(false);
  });

  it('says no where there is no hash, also to the password that stands in for it', async () => {
    const passwords = await createPasswords(4);
    for (const password of ['nobody has this password', '', 'x']) {
      expect(await passwords.matches(password, null)).toBe(false);
    }
  });

  it.each([
    ['the last byte of the longest', 'x'.repeat(MAX_PASSWORD_BYTES - 1), 'a', 'b'],
    ['what comes after a zero byte', 'correct\u0000', 'horse', 'house'],
    ['accents', 'contraseñ', 'a', 'á'],
    ['case', 'correct ', 'Horse', 'horse'],
    ['surrounding spaces', 'correct horse', '', ' '],
  ])('tells passwords apart by %s', async (_what, start, one, other) => {
    const passwords = await createPasswords(4);
    const hash = await passwords.hash(start + one);
    expect(await passwords.matches(start + one, hash)).toBe(true);
    expect(await passwords.matches(start + other, hash)).toBe(false);
  });
});
