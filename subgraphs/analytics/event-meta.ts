import { ValidateBy, type ValidationOptions } from 'class-validator';

const MAX_META_BYTES = 8 * 1024;
const MAX_META_DEPTH = 8;

/**
 * `meta` is stored as it comes, so it must be small and shallow, and no key may mean something to the database
 * (`$…`, dots, NUL) or to JavaScript (`__proto__`).
 */
export function IsEventMeta(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isEventMeta',
      validator: {
        validate: (value: unknown) => metaFault(value) === null,
        defaultMessage: (validated) => `meta ${metaFault(validated?.value) ?? 'is fine'}`,
      },
    },
    options,
  );
}

/** What is wrong with a `meta`, to follow its name in a sentence; null when nothing is. */
function metaFault(meta: unknown): string | null {
  const fault = shapeFault(meta, 1);
  if (fault !== null) return fault;
  // Only now: the depth is known to be harmless.
  return Buffer.byteLength(JSON.stringify(meta)) > MAX_META_BYTES
    ? `must be at most ${MAX_META_BYTES} bytes as JSON`
    : null;
}

function shapeFault(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MAX_META_DEPTH) return `must be nested at most ${MAX_META_DEPTH} deep`;
  for (const [key, child] of Object.entries(value)) {
    if (isReserved(key)) return 'must not have keys that start with "$", contain "." or NUL, or are "__proto__"';
    const fault = shapeFault(child, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

function isReserved(key: string): boolean {
  return key.startsWith('$') || key.includes('.') || key.includes('\0') || key === '__proto__';
}
