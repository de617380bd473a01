import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const kept = z.record(z.string(), z.object({ email: z.string(), refreshToken: z.string() }));

type Kept = z.output<typeof kept>;
export type KeptSession = Kept[string];

/** Refresh tokens by the platforms they are for, in a file that only its owner can read. */
export class TokenFile {
  constructor(private readonly path: string) {}

  async find(url: string): Promise<KeptSession | null> {
    return (await this.#read())[url] ?? null;
  }

  /** The file is replaced as a whole: a reader never sees half of it, and what its rights were before does not matter. */
  async keep(url: string, session: KeptSession): Promise<void> {
    const next = `${this.path}.${randomUUID()}`;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await writeFile(next, JSON.stringify({ ...(await this.#read()), [url]: session }, null, 2), { mode: 0o600 });
    await rename(next, this.path);
  }

  /** A file that is not there, or is none of ours, is one without tokens: who has none signs in. */
  async #read(): Promise<Kept> {
    const text = await readFile(this.path, 'utf8').catch(() => '{}');
    try {
      return kept.parse(JSON.parse(text));
    } catch {
      return {};
    }
  }
}
