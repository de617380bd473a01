interface BinaryConstructor {
  new (...args: unknown[]): object;
  readonly prototype: object;
  /** Absent where bytes are counted. */
  readonly BYTES_PER_ELEMENT?: number;
}

/** What lies outside the heap of JavaScript, so that no `resourceLimits` of a thread count it. */
const BINARY = [
  ...['ArrayBuffer', 'SharedArrayBuffer', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array'],
  ...['Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array'],
];

/**
 * Lets this thread make arrays of bytes and numbers of `maxBytes` in all, those that are garbage by now included; what would go
 * beyond throws a RangeError, then and ever after, and `onExceeded` is called the first time. For libraries that inflate what
 * strangers have made: they make what they hold by the global constructors, which are replaced, as are the species of their
 * arrays and the native inflater, whose output counts too.
 */
export function limitArrays(maxBytes: number, onExceeded: () => void): void {
  let leftBytes = maxBytes;
  const take = (bytes: number): void => {
    if (bytes <= leftBytes) {
      leftBytes -= bytes;
      return;
    }
    const isFirst = leftBytes >= 0;
    leftBytes = -1;
    if (isFirst) onExceeded();
    throw new RangeError('This document takes more memory than it may.');
  };
  for (const name of BINARY) {
    const original = Reflect.get(globalThis, name) as BinaryConstructor;
    const counted = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        take(bytesOf(args[0], target.BYTES_PER_ELEMENT ?? 1));
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    Reflect.set(globalThis, name, counted);
    Reflect.set(original.prototype, 'constructor', counted);
  }
  globalThis.DecompressionStream = countedInflater(globalThis.DecompressionStream, take);
}

function countedInflater(
  Inflater: typeof DecompressionStream,
  take: (bytes: number) => void,
): typeof DecompressionStream {
  return class {
    readonly readable: DecompressionStream['readable'];
    readonly writable: DecompressionStream['writable'];

    constructor(format: ConstructorParameters<typeof DecompressionStream>[0]) {
      const { readable, writable } = new Inflater(format);
      this.writable = writable;
      this.readable = readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            take(chunk.byteLength);
            controller.enqueue(chunk);
          },
        }),
      );
    }
  };
}

/** What an array made of `content` takes; a view of a buffer takes nothing. */
function bytesOf(content: unknown, bytesPerElement: number): number {
  if (typeof content === 'number') return Math.max(0, content) * bytesPerElement;
  const { length } = (content ?? {}) as { readonly length?: unknown };
  return typeof length === 'number' ? length * bytesPerElement : 0;
}
