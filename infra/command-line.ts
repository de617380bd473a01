import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A command was called wrongly. The message says in one line what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Node's `parseArgs`; what it refuses is a {@link UsageError}. */
export function parseArguments<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    // Only the first sentence says what is wrong; the next ones are advice about arguments that begin with a dash.
    throw new UsageError(reasonOf(error).split('. ')[0], { cause: error });
  }
}

/**
 * Runs a command and sets the exit code: 0 if it returns true, 1 if it returns false or fails, 2 if it was called wrongly.
 * What it throws is printed to standard error without its stack.
 */
export async function runCommand(run: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(`${reasonOf(error)}${isUsage ? ' (--help explains the options)' : ''}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** What an error says; failures to connect may have no text, but a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
