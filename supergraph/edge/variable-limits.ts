import { AppError } from '#shared/errors/app-error.js';

/** No input of ours is nested half as deep. Thousands of levels can be read, and not written again without running out of stack. */
const MAX_VARIABLE_DEPTH = 64;
/** Twice what 8 KiB of an event's `meta` may hold, the largest input of ours. Each fault of an input is at first told with all of it. */
const MAX_VARIABLE_VALUES = 10_000;

/** Throws BAD_REQUEST when the variables have more lists, objects and fields, or deeper ones, than any input of ours. */
export function assertWithinLimits(variables: unknown): void {
  let values = 0;
  let level: object[] = isNested(variables) ? [variables] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_VARIABLE_DEPTH) {
      throw new AppError('BAD_REQUEST', `Input may be nested at most ${MAX_VARIABLE_DEPTH} levels deep.`);
    }
    const next = level.flatMap((value) => Object.values(value) as unknown[]);
    values += next.length;
    if (values > MAX_VARIABLE_VALUES) {
      throw new AppError('BAD_REQUEST', `Input may have at most ${MAX_VARIABLE_VALUES} values.`);
    }
    level = next.filter(isNested);
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
