/**
 * The results of `work` on each item, in the items' order, at most `limit` of them at a time. When one fails, those under way are
 * aborted by the signal that `work` gets and are waited for, no other is begun, and the first failure is thrown. `signal` aborts
 * those under way too; that this ends them is for `work` to see to.
 */
export async function sideBySide<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const all = [...items];
  const waiting = all.entries();
  const results: Result[] = [];
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (failure) return;
      try {
        results[at] = await work(item, either);
      } catch (error) {
        failure ??= { error };
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, all.length) }, lane));
  if (failure) throw failure.error;
  return results;
}
