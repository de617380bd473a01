import { isDocument, type Document } from '../values/document.js';
import { isOperators } from './matcher.js';

/** For each field that a filter pins down, the values it may have: what an index can look up. */
export function equalitiesOf(filter: Document): Map<string, readonly unknown[]> {
  const found = new Map<string, readonly unknown[]>();
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const clause of condition) {
        if (isDocument(clause)) for (const [field, values] of equalitiesOf(clause)) found.set(field, values);
      }
    } else if (!name.startsWith('$')) {
      const values = valuesOf(condition);
      if (values) found.set(name, values);
    }
  }
  return found;
}

function valuesOf(condition: unknown): readonly unknown[] | undefined {
  if (!isOperators(condition)) return canBeLookedUp(condition) ? [condition] : undefined;
  if ('$eq' in condition) return canBeLookedUp(condition['$eq']) ? [condition['$eq']] : undefined;
  const { $in: list } = condition;
  return Array.isArray(list) && list.every(canBeLookedUp) ? list : undefined;
}

/** An index holds the elements of an array, not the array; and a pattern is no value. */
function canBeLookedUp(value: unknown): boolean {
  return !Array.isArray(value) && !(value instanceof RegExp);
}
