import { resolve } from 'node:path';
import { ConfigError } from '#shared/config/load-config.js';
import { startPlatform, type Platform } from './platform.js';
import { consoleProgress } from './progress.js';
import { loadDotEnv, localSettings } from './settings.js';
import { summaryOf } from './summary.js';

const write = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const startedAt = performance.now();
  loadDotEnv(resolve('.env'));
  const settings = localSettings(process.env);
  write('Starting the platform on embedded engines\n');
  const starting = startPlatform(settings, consoleProgress(write));
  stopOnSignals(starting);
  const platform = await starting;
  write(summaryOf(platform, settings, (performance.now() - startedAt) / 1000));
}

/** Ctrl-C, `kill` or a closed terminal: stop everything in order. A second one does not wait. */
function stopOnSignals(starting: Promise<Platform>): void {
  let asked = false;
  const onSignal = async (): Promise<void> => {
    if (asked) process.exit(1);
    asked = true;
    write('\nStopping …');
    const platform = await starting.catch(() => null);
    await platform?.stop();
    write('Stopped. Your data is kept.');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void onSignal().catch(fail));
}

function fail(error: unknown): never {
  const words = error instanceof ConfigError || error instanceof Error ? error.message : String(error);
  process.stderr.write(`\n${words}\n`);
  process.exit(1);
}

await run().catch(fail);
