import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { loadConfig } from '#shared/config/load-config.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { filled, writeEnvFile } from '../../infra/init/env-file.js';
import { keyPairIn } from '../../infra/init/key-files.js';
import { analyticsConfig } from '../../subgraphs/analytics/config.js';
import { authConfig } from '../../subgraphs/auth/config.js';
import { chatConfig } from '../../subgraphs/chat/config.js';
import { imageConfig } from '../../subgraphs/image/config.js';
import { summarizeConfig } from '../../subgraphs/summarize/config.js';
import { supergraphConfig } from '../../supergraph/config.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SCHEMAS: Record<string, z.ZodObject> = {
  supergraph: supergraphConfig,
  'subgraphs/auth': authConfig,
  'subgraphs/analytics': analyticsConfig,
  'subgraphs/image': imageConfig,
  'subgraphs/summarize': summarizeConfig,
  'subgraphs/chat': chatConfig,
};

const keys = await createKeyPair();
const values = {
  JWT_PRIVATE_KEY: keys.privateKey,
  JWT_PUBLIC_KEY: keys.publicKey,
  SERVICE_PRIVATE_KEY: keys.privateKey,
  SERVICE_PUBLIC_KEY: keys.publicKey,
};

function settingsOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^[A-Z_0-9]+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe.each(Object.entries(SCHEMAS))('%s/.env.example', (folder, schema) => {
  const template = readFile(join(ROOT, folder, '.env.example'), 'utf8');

  it('is, filled in, a configuration that the service starts with', async () => {
    const settings = settingsOf(filled(await template, values));
    expect(() => loadConfig(schema, settings)).not.toThrow();
  });

  it('names no setting that the service does not read', async () => {
    const named = [...(await template).matchAll(/^(?:# )?([A-Z_0-9]+)=/gm)].map(([, name]) => name);
    expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(named));
  });
});

describe('make init', () => {
  it('never replaces a key or an env file', async () => {
    const folder = await temporaryFolder('init');
    const first = await keyPairIn(join(folder.path, 'keys'), 'user');
    expect(await keyPairIn(join(folder.path, 'keys'), 'user')).toEqual(first);
    const template = join(ROOT, 'supergraph/.env.example');
    const target = join(folder.path, '.env.dev');
    expect(await writeEnvFile(template, target, { JWT_PUBLIC_KEY: 'one' })).toBe(true);
    expect(await writeEnvFile(template, target, { JWT_PUBLIC_KEY: 'two' })).toBe(false);
    expect(await readFile(target, 'utf8')).toContain('JWT_PUBLIC_KEY=one');
    await folder.remove();
  });
});
