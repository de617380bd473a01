import type { z } from 'zod';

export type Env = Readonly<Record<string, string | undefined>>;

/** A service cannot start: some of its environment is missing or malformed. Lists names and expectations, never values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads a service's settings from its environment. Pure; an empty string counts as unset.
 * Throws {@link ConfigError} that lists every bad name at once.
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, env: Env): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${expectation(issue, set)}`));
}

function expectation(issue: z.core.$ZodIssue, set: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  return name in set || issue.code === 'custom' ? issue.message : 'is required and not set';
}
