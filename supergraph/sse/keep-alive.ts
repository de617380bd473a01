/** Items of a source as they come, and null whenever none has come for so long. */
export async function* withKeepAlive<T>(
  source: AsyncIterator<T, void>,
  everyMs: number,
): AsyncGenerator<T | null, void> {
  for (;;) {
    const pending = source.next();
    let result = await within(pending, everyMs);
    while (!result) {
      yield null;
      result = await within(pending, everyMs);
    }
    if (result.done) return;
    yield result.value;
  }
}

async function within<T>(pending: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  return Promise.race([pending, passed]).finally(() => clearTimeout(timer));
}
