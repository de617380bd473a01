import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { installedPostgres } from './postgres-binaries.js';
import { stopLeftover } from './leftover.js';
import { exists, reachableCopy, reachableFolder, unprivilegedIdentity, type Identity } from './unprivileged.js';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  /** Names this installation among others, should its data have to live outside `dataDir`. */
  readonly installation: string;
  readonly logFile: string;
}

export interface StartedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** One small team on one machine: few connections, little memory, and every commit still reaches the disk. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=24MB',
  'max_connections=40',
  'max_wal_size=256MB',
  'io_method=sync',
  'autovacuum_max_workers=1',
  'max_parallel_workers=0',
  'max_logical_replication_workers=0',
];
const STOP_WITHIN_MS = 10_000;

/**
 * Starts the PostgreSQL that npm installed, making its database first when there is none, and returns once it accepts
 * connections. Throws an Error for the operator: data of another version, a folder it cannot use, or its own last words.
 */
export async function startPostgres(options: PostgresOptions): Promise<StartedPostgres> {
  const identity = await unprivilegedIdentity();
  const installed = await installedPostgres();
  const home = await reachableCopy(installed, `${basename(join(installed, '..'))}-runtime`, identity);
  const dataDir = await reachableFolder(options.dataDir, options.installation, identity);
  await stopLeftover(dataDir);
  if (!(await exists(join(dataDir, 'PG_VERSION')))) await createDatabase(home, dataDir, options.password, identity);
  await checkVersion(dataDir);
  const server = await launch(home, dataDir, options, identity);
  const url = `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/postgres`;
  return { url, stop: () => stop(server) };
}

/** Made aside and renamed, so that a half-made database is never taken for one. */
async function createDatabase(home: string, dataDir: string, password: string, identity: Identity): Promise<void> {
  const part = `${dataDir}.new`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  const passwordFile = join(part, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (identity.uid !== undefined && identity.gid !== undefined) {
    await Promise.all([part, passwordFile].map((path) => chown(path, identity.uid ?? 0, identity.gid ?? 0)));
  }
  const cluster = join(part, 'cluster');
  const flags = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'];
  const initdb = spawn(join(home, 'bin', 'initdb'), [`--pgdata=${cluster}`, `--pwfile=${passwordFile}`, ...flags], {
    ...identity,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  initdb.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(initdb, 'close')) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL could not make its database in ${dataDir}:\n${complaint.trim()}`);
  await rename(cluster, dataDir);
  await rm(part, { recursive: true, force: true });
}

async function checkVersion(dataDir: string): Promise<void> {
  const version = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
  if (version !== '18') {
    throw new Error(`${dataDir} holds data of PostgreSQL ${version || '(unknown)'}; this platform brings version 18.`);
  }
  await chmod(dataDir, 0o700);
}

async function launch(
  home: string,
  dataDir: string,
  { port, logFile }: PostgresOptions,
  identity: Identity,
): Promise<ChildProcess> {
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const server = spawn(join(home, 'bin', 'postgres'), ['-D', dataDir, '-p', String(port), ...settings], {
    ...identity,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: Ctrl-C in the terminal must not stop the database before its clients.
    detached: true,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  let lastWords = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      log.write(chunk);
      lastWords = (lastWords + chunk.toString()).slice(-2_000);
      if (lastWords.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('close', () => reject(new Error(`PostgreSQL does not start on ${dataDir}:\n${lastWords.trim()}`)));
  });
  return server;
}

/** Fast shutdown: open transactions are rolled back, everything committed is kept. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const late = setTimeout(() => server.kill('SIGQUIT'), STOP_WITHIN_MS);
  server.kill('SIGINT');
  await once(server, 'exit');
  clearTimeout(late);
}
