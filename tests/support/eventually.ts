const LOOK_EVERY_MS = 100;

/** Looks until it holds, for effects that follow; throws when it does not within a time far longer than is promised. */
export async function eventually(what: string, holds: () => Promise<boolean>, withinMs = 45_000): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`Still not so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
