import { join, relative, resolve } from 'node:path';
import { runCommand } from '../command-line.js';
import { SUBGRAPH_NAMES } from '../subgraph-names.js';
import { writeEnvFile } from './env-file.js';
import { keyPairIn } from './key-files.js';

const SERVICES = ['supergraph', ...SUBGRAPH_NAMES.map((name) => `subgraphs/${name}`)];

/** `make init`: signing keys and one `.env.dev` per service, for docker compose. What is there already stays. */
await runCommand(async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const keys = join(root, 'infra', 'keys');
  const user = await keyPairIn(keys, 'user');
  const service = await keyPairIn(keys, 'service');
  const values = {
    JWT_PRIVATE_KEY: user.privateKey,
    JWT_PUBLIC_KEY: user.publicKey,
    SERVICE_PRIVATE_KEY: service.privateKey,
    SERVICE_PUBLIC_KEY: service.publicKey,
  };
  for (const folder of SERVICES) {
    const target = join(root, folder, '.env.dev');
    const written = await writeEnvFile(join(root, folder, '.env.example'), target, values);
    process.stdout.write(`${written ? 'written ' : 'kept    '} ${relative(root, target)}\n`);
  }
  return true;
});
