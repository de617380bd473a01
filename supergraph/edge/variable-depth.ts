import { AppError } from '#shared/errors/app-error.js';

/** No input of ours is nested half as deep. Thousands of levels can be read, and not written again without running out of stack. */
const MAX_VARIABLE_DEPTH = 64;

/** Throws BAD_REQUEST when lists and objects in the variables are nested deeper than any input of ours. */
export function assertShallow(variables: unknown): void {
  let level: object[] = isNested(variables) ? [variables] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_VARIABLE_DEPTH) {
      throw new AppError('BAD_REQUEST', `Input may be nested at most ${MAX_VARIABLE_DEPTH} levels deep.`);
    }
    level = level.flatMap((value) => Object.values(value).filter(isNested));
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
