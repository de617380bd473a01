/** Does the work for each item, `width` at a time. Rejects with the first failure, once what was begun has ended. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...items].values();
  const ends = await Promise.allSettled(
    Array.from({ length: width }, async () => {
      for (const item of queue) await work(item);
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
