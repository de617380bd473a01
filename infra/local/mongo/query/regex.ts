import { MongoError } from '../errors.js';

/** Builds the expression of `$regex` and `$options`. Throws 51091 when it is none. */
export function withOptions(pattern: unknown, options: unknown): RegExp {
  if (options !== undefined && typeof options !== 'string') throw new MongoError(2, '$options has to be a string');
  if (pattern instanceof RegExp) return compiled(pattern.source, options ?? flagsOf(pattern));
  if (typeof pattern !== 'string') throw new MongoError(2, '$regex has to be a string');
  return compiled(pattern, options ?? '');
}

/** The driver sends `g`, which BSON does not have, as `s`, and `bson` reads it back so; to the server it means `s`. */
function flagsOf({ flags }: RegExp): string {
  return flags.replace('g', 's');
}

function compiled(source: string, options: string): RegExp {
  const unknown = /[^imsu]/.exec(options)?.[0];
  // `x` (extended) is MongoDB's too, but JavaScript has no such flag, and ignoring it would match something else.
  if (unknown !== undefined) throw new MongoError(51108, `invalid flag in regex options: ${unknown}`);
  try {
    return new RegExp(source, [...new Set(options)].join(''));
  } catch {
    throw new MongoError(51091, 'Regular expression is invalid');
  }
}
