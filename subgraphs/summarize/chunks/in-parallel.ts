/**
 * The results of `work` on each item, in order, `width` of them at a time. When one fails, those under way are aborted and
 * waited for, no other is begun, and its error is thrown.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  { width, signal }: { width: number; signal: AbortSignal },
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) {
      if (failure) return;
      try {
        results[at] = await work(item, either);
      } catch (error) {
        failure ??= { error };
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failure) throw failure.error;
  return results;
}
