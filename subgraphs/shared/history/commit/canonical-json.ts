/** JSON that is the same text for the same data: keys in order, and what is null or absent left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const present = Object.entries(inner).filter(([, property]) => property != null);
    return Object.fromEntries(present.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
