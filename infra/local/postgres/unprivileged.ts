import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Who runs PostgreSQL: itself refuses to run as root. Empty when we are not root. */
export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where root keeps what an unprivileged user must reach although the checkout lies in a folder closed to others. */
const OPEN_PLACE = '/var/lib/llm-supergraph';
const CANDIDATES = ['postgres', 'nobody'];
const run = promisify(execFile);

/** The first unprivileged user this system has. Throws when root has none to give the work to. */
export async function unprivilegedIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {};
  for (const name of CANDIDATES) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name]))).catch(() => null);
    if (ids) return { uid: Number(ids[0]?.stdout), gid: Number(ids[1]?.stdout) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and this system has no user ${CANDIDATES.join(' or ')} to run it as.`,
  );
}

/**
 * A folder that the identity can enter: the wished one, or one of the same name under {@link OPEN_PLACE} when a parent
 * folder is closed to it, as /root is.
 */
export async function reachableFolder(wished: string, name: string, identity: Identity): Promise<string> {
  if (identity.uid === undefined || (await canEnter(dirname(resolve(wished)), identity.uid))) return wished;
  await mkdir(OPEN_PLACE, { recursive: true, mode: 0o711 });
  return join(OPEN_PLACE, name);
}

/** As {@link reachableFolder}, for files that are only read: they are copied when they cannot be reached. */
export async function reachableCopy(source: string, name: string, identity: Identity): Promise<string> {
  const place = await reachableFolder(source, name, identity);
  if (place !== source && !(await exists(place))) {
    const part = `${place}.${process.pid}`;
    await cp(source, part, { recursive: true, verbatimSymlinks: true });
    await rename(part, place).catch(() => rm(part, { recursive: true, force: true }));
  }
  return place;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function canEnter(folder: string, uid: number): Promise<boolean> {
  const { mode, uid: owner } = await stat(folder);
  const open = owner === uid ? (mode & 0o100) !== 0 : (mode & 0o001) !== 0;
  return open && (folder === dirname(folder) || canEnter(dirname(folder), uid));
}
