/**
 * Asks for an item when those before have left, so that a slow client slows down what it is sent. It is the stream that waits,
 * not what sends: one that is stopped meanwhile ends at once.
 */
export function paced<T>(items: AsyncIterable<T>, drained: () => Promise<void>, signal: AbortSignal): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const source = items[Symbol.asyncIterator]();
      return {
        async next() {
          await drained();
          return signal.aborted ? { done: true, value: undefined } : source.next();
        },
        async return() {
          return (await source.return?.()) ?? { done: true, value: undefined };
        },
      };
    },
  };
}
