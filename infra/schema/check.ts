import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { breakingChanges, type OperationFile } from './breaking-changes.js';
import { composedSchema } from './composed-schema.js';

/**
 * `npm run schema:check [-- --against <file or git ref>]`: fails when the schema that the code makes would break a client of
 * the committed one (`HEAD` unless told otherwise), or an operation of our own.
 */
const API = 'schema/api.graphql';
const root = join(import.meta.dirname, '../../..');
const { values } = parseArgs({ options: { against: { type: 'string', default: 'HEAD' } } });

const composed = await composedSchema(root);
const operations = await ownOperations();
const broken = breakingChanges(await published(values.against), composed.get(API) ?? '', operations);
if (broken.length > 0) {
  process.stderr.write(`The API schema would break:\n${broken.map((line) => `  ${line}`).join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`schema:check: nothing breaks, ${operations.length} operations of our own are valid\n`);
}

async function ownOperations(): Promise<OperationFile[]> {
  const found: OperationFile[] = [];
  for await (const path of glob('{supergraph,dashboard}/**/*.graphql', { cwd: root })) {
    found.push({ path, document: await readFile(join(root, path), 'utf8') });
  }
  return found;
}

async function published(against: string): Promise<string> {
  if (against.endsWith('.graphql')) return readFile(against, 'utf8');
  const { stdout } = await promisify(execFile)('git', ['show', `${against}:${API}`], { cwd: root });
  return stdout;
}
