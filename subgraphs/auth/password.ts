import bcrypt from 'bcrypt';

/** bcrypt reads no further than this; a longer password would be cut without anybody noticing. */
export const MAX_PASSWORD_BYTES = 72;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Without a hash to compare to, spends the same time and says no. */
  matches(password: string, hash: string | null): Promise<boolean>;
}

export async function createPasswords(rounds: number): Promise<Passwords> {
  const nobodysHash = await bcrypt.hash('nobody has this password', rounds);
  return {
    hash: (password) => bcrypt.hash(password, rounds),
    async matches(password, hash) {
      const same = await bcrypt.compare(password, hash ?? nobodysHash);
      return same && hash !== null;
    },
  };
}
