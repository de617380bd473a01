import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyPair, type KeyPair } from './key-pair.js';

/** A key pair kept as `<name>.private.pem` (its owner only) and `<name>.public.pem`; made once, never overwritten. */
export async function keyPairIn(folder: string, name: string): Promise<KeyPair> {
  const files = { privateKey: join(folder, `${name}.private.pem`), publicKey: join(folder, `${name}.public.pem`) };
  const [privateKey, publicKey] = await Promise.all([readIfThere(files.privateKey), readIfThere(files.publicKey)]);
  if (privateKey !== null && publicKey !== null) return { privateKey, publicKey };
  if (privateKey !== null || publicKey !== null) {
    throw new Error(
      `Of the key pair "${name}" one half is missing in ${folder}. Restore it, or remove the other to make a new pair.`,
    );
  }
  const made = await createKeyPair();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(files.privateKey, made.privateKey, { mode: 0o600, flag: 'wx' });
  await writeFile(files.publicKey, made.publicKey, { mode: 0o644, flag: 'wx' });
  return made;
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
