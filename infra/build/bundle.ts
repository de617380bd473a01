import { createHash } from 'node:crypto';
import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SUBGRAPH_NAMES } from '../subgraph-names.js';

const root = join(import.meta.dirname, '../../..');
const services = join(root, 'dist/services');
const compiled = join(root, 'dist/compiled');
const stampFile = join(services, 'made-of');

/** Each with all it imports, without what is not JavaScript: by its file below `dist/services`, from the compiled one. */
const PROGRAMS = {
  ...Object.fromEntries(SUBGRAPH_NAMES.map((name) => [`${name}/main`, `dist/subgraphs/${name}/main.js`])),
  'summarize/reader-thread': 'dist/subgraphs/summarize/page/reader-thread.js',
  'supergraph/main': 'dist/supergraph/main.js',
};

/** Left to Node: native code, and what a user may add. */
const NOT_BUNDLED = ['sharp', 'bcrypt', 'node-llama-cpp'];

/** CommonJS in a bundle of ES modules asks for what only CommonJS has. */
const BANNER = `
import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);
const { filename: __filename, dirname: __dirname } = import.meta;
`;

/** What the bundles are made of, as a hash: the same again needs no new ones. */
async function stamp(): Promise<string> {
  const hash = createHash('sha256');
  const files = [];
  for await (const file of glob('dist/{subgraphs,supergraph,infra/build}/**/*.js', { cwd: root })) files.push(file);
  for (const file of ['package-lock.json', ...files.toSorted()]) {
    hash.update(`${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

const made = await stamp();
if (made !== (await readFile(stampFile, 'utf8').catch(() => null))) {
  // What was compiled of those before is of no use to the new ones.
  for (const folder of [services, compiled]) await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: services,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // As Node resolves them: else a package would be there twice, for those who import and for those who require it.
    mainFields: ['main'],
    conditions: [],
    external: NOT_BUNDLED,
    keepNames: true,
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  await writeFile(stampFile, made);
}
