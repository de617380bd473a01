import { reasonOf } from '../command-line.js';
import { startPlatform, type Platform } from './platform.js';
import { consoleProgress } from './progress.js';
import { localSettings, withDotEnv } from './settings.js';
import { summaryOf } from './summary.js';

const write = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const startedAt = performance.now();
  const settings = localSettings(await withDotEnv(process.env));
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
  process.stderr.write(`\n${reasonOf(error)}\n`);
  process.exit(1);
}

// Whoever reads the output may have gone, with the terminal or a pipe; the platform is still to be stopped in order.
process.stdout.on('error', () => undefined);

await run().catch(fail);
