/**
 * A count of tokens as a server reported it, where it can be one: a whole number that is not negative. Servers report all sorts; some
 * report 0 for what they did not count, so 0 is a count only of what is empty (`isEmpty`).
 */
export function tokenCount(reported: unknown, { isEmpty }: { readonly isEmpty: boolean }): number | undefined {
  if (typeof reported !== 'number' || !Number.isSafeInteger(reported)) return undefined;
  return reported > 0 || (reported === 0 && isEmpty) ? reported : undefined;
}
