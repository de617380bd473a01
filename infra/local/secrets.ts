import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createKeyPair } from '../init/key-pair.js';

const keyPair = z.object({ privateKey: z.string(), publicKey: z.string() });

const secrets = z.object({
  /** Names this installation where its data cannot lie in its own folder. */
  installation: z.string(),
  postgresPassword: z.string(),
  s3: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  /** Signs and checks what users present. */
  user: keyPair,
  /** Signs and checks what services present to each other. */
  service: keyPair,
});

export type LocalSecrets = z.output<typeof secrets>;

/** The secrets of this data folder; made at the first start, readable by their owner only, never replaced. */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const file = join(dataDir, 'secrets.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return parsed(text, file);
  const made = await newSecrets();
  await writeFile(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}

function parsed(text: string, file: string): LocalSecrets {
  try {
    return secrets.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${file} is damaged, and without it the data beside it cannot be opened. Restore it, or move the folder away to begin anew.`,
    );
  }
}

async function newSecrets(): Promise<LocalSecrets> {
  const [user, service] = await Promise.all([createKeyPair(), createKeyPair()]);
  return {
    installation: randomUUID(),
    postgresPassword: randomBytes(24).toString('base64url'),
    s3: {
      accessKeyId: `local${randomBytes(8).toString('hex')}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
    user,
    service,
  };
}
