import type { Charge } from './rate-limiter.port.js';

/**
 * One charge for each key, with the costs of one key added up, in the order in which the keys came first.
 * Throws RangeError for a charge that no log could keep, and for a key with two limits or windows.
 */
export function mergeCharges(charges: readonly Charge[]): Charge[] {
  const merged = new Map<string, Charge>();
  for (const charge of charges) {
    check(charge);
    const before = merged.get(charge.key);
    if (before && (before.limit !== charge.limit || before.windowMs !== charge.windowMs))
      throw new RangeError(`two limits or windows for ${charge.key}`);
    merged.set(charge.key, before ? { ...before, cost: before.cost + charge.cost } : charge);
  }
  return [...merged.values()];
}

function check({ key, limit, windowMs, cost }: Charge): void {
  const sound = isWholeFrom(0, limit) && isWholeFrom(1, windowMs) && isWholeFrom(1, cost);
  if (!sound) throw new RangeError(`no charge: ${key} takes ${cost} of ${limit} in ${windowMs} ms`);
}

function isWholeFrom(lowest: number, value: number): boolean {
  return Number.isSafeInteger(value) && value >= lowest;
}
