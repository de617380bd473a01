import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { STEPS } from './s3-crash-workload.js';

const BUCKET = new URL('../../dist/infra/local/s3/bucket.js', import.meta.url).href;

/**
 * Runs in a process of its own. Counts what the engine asks of the file system; before the call with the number `dieAt` it
 * ends as in a power cut: a file's bytes that were not synced are gone, half of a journal write is there.
 */
const PROGRAM = `
import files from 'node:fs/promises';
import { fstatSync, renameSync, statSync, truncateSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { bucket: url, folder, dieAt, steps, checkpointBytes } = JSON.parse(process.argv[1]);
const synced = new Map();
const paths = new WeakMap();
let calls = 0;
function die(torn) {
  for (const [path, size] of synced) {
    try { if (statSync(path).size > size) truncateSync(path, size); } catch {}
  }
  if (torn) writeSync(torn.fd, torn.bytes);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
function counted(call, after = () => {}) {
  return async function (...args) {
    if (calls++ === dieAt) die(call.name === 'appendFile' ? { fd: this.fd, bytes: Buffer.from(args[0]).subarray(0, args[0].length / 2) } : null);
    const result = await call.apply(this, args);
    after.call(this, result, ...args);
    return result;
  };
}
const handle = await files.open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
function sync() {
  const path = paths.get(this);
  if (path !== undefined) synced.set(path, fstatSync(this.fd).size);
}
prototype.sync = counted(prototype.sync, sync);
prototype.datasync = counted(prototype.datasync, sync);
for (const name of ['appendFile', 'writeFile', 'truncate']) prototype[name] = counted(prototype[name]);
files.open = counted(files.open, (file, path, flags) => {
  if (flags === 'r') return;
  paths.set(file, path);
  synced.set(path, flags.startsWith('a') && !synced.has(path) ? fstatSync(file.fd).size : 0);
});
// In one go: a death between a rename and its note would take the bytes of the wrong file.
files.rename = counted(async function rename(from, to) {
  renameSync(from, to);
  if (synced.has(from)) synced.set(to, synced.get(from));
  synced.delete(from);
});
for (const name of ['rm', 'unlink', 'mkdir']) files[name] = counted(files[name], (_result, path) => synced.delete(path));
syncBuiltinESMExports();

const { Bucket } = await import(url);
const opened = await Bucket.open(folder, checkpointBytes);
for (const [at, { key, text, repeat = 1, tags }] of steps.entries()) {
  const info = { etag: key + at, size: repeat, lastModifiedMs: 0, contentType: 'text/plain', metadata: {}, tags: {} };
  if (text === null) await opened.delete(key);
  else if (tags) await opened.setTags(key, { tagged: 'yes' });
  else await opened.put(key, Buffer.from(text.repeat(repeat)), info, {});
  writeSync(1, '.');
}
await opened.close();
writeSync(1, '!');
`;

export interface Crash {
  /** How many steps were acknowledged. */
  readonly acknowledged: number;
  /** Whether the process came to its end before it was to die. */
  readonly survived: boolean;
}

/** Does the workload (or none of it: only opens and closes) on a bucket's folder and dies before a call to the file system. */
export async function crashAt(
  dieAt: number,
  folder: string,
  { checkpointBytes, steps = STEPS }: { checkpointBytes: number; steps?: typeof STEPS },
): Promise<Crash> {
  const settings = JSON.stringify({ bucket: BUCKET, folder, dieAt, steps, checkpointBytes });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, settings], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const survived = said.endsWith('!');
  if (survived ? code !== 0 : signal !== 'SIGKILL') throw new Error(`the engine ended with ${code ?? signal}`);
  return { acknowledged: said.replace('!', '').length, survived };
}
