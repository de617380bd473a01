import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUBGRAPH_NAMES } from '../infra/subgraph-names.js';
import { machine } from './support/machine.js';
import { median } from './support/measure.js';
import { nowMs } from './support/monotonic-clock.js';
import { REPOSITORY } from './support/subgraph-urls.js';

const ROUNDS = 9;
const SERVICES = [...SUBGRAPH_NAMES, 'supergraph'];

/**
 * Milliseconds until a program has loaded all its modules: it is run without settings, which it then refuses. Throws when it
 * ends otherwise.
 */
function loadingMs(program: string, env: Record<string, string> = {}): number {
  const startedAt = nowMs();
  const { status, stdout } = spawnSync(process.execPath, [join(REPOSITORY, 'dist', program)], { env });
  const ms = nowMs() - startedAt;
  if (status === 1 && stdout.includes('cannot start: configuration')) return ms;
  throw new Error(`${program} did not refuse to start without settings.`);
}

const cache = mkdtempSync(join(tmpdir(), 'start-up-'));
try {
  console.log(machine());
  console.log('ms to load (median)  modules  bundle  bundle, compiled before  ratio');
  for (const name of SERVICES) {
    const modules = `${name === 'supergraph' ? name : `subgraphs/${name}`}/main.js`;
    const bundle = `services/${name}/main.js`;
    const compiled = { NODE_COMPILE_CACHE: cache };
    loadingMs(bundle, compiled);
    const rounds = Array.from({ length: ROUNDS }, () => [
      loadingMs(modules),
      loadingMs(bundle),
      loadingMs(bundle, compiled),
    ]);
    const [first = 0, second = 0, third = 0] = [0, 1, 2].map((at) => median(rounds.map((round) => round[at] ?? 0)));
    const columns = [first, second, third].map((ms, at) => ms.toFixed(0).padStart([8, 8, 25][at] ?? 0));
    console.log(`${name.padEnd(20)}${columns.join('')}${(first / third).toFixed(1).padStart(7)}`);
  }
} finally {
  rmSync(cache, { recursive: true });
}
