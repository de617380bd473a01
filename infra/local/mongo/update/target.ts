import { MongoError } from '../errors.js';
import { compileFilter, elementTest, type Evaluate } from '../query/matcher.js';
import { fieldOf, isDocument, setField, type Document } from '../values/document.js';
import { isIndex, segmentsOf } from '../values/path.js';

/** What a path with `$`, `$[]` or `$[name]` in it needs to know. */
export interface Positions {
  readonly arrayFilters: ReadonlyMap<string, (element: unknown) => boolean>;
  /** Which element of the array at a path the filter matched, for `$`. */
  matchedIndex(array: readonly unknown[], path: readonly string[]): number | undefined;
}

/** Where a value is, or would be: in a document or an array of the copy that is being updated. */
export interface Target {
  readonly parent: Document | unknown[];
  readonly name: string;
  readonly path: readonly string[];
}

export function valueOf({ parent, name }: Target): unknown {
  return Array.isArray(parent) ? parent[Number(name)] : fieldOf(parent, name);
}

export function setValue({ parent, name }: Target, value: unknown): void {
  if (!Array.isArray(parent)) {
    setField(parent, name, value);
    return;
  }
  while (parent.length < Number(name)) parent.push(null);
  parent[Number(name)] = value;
}

/** An element of an array is not taken out but becomes null. */
export function removeValue({ parent, name }: Target): void {
  if (!Array.isArray(parent)) Reflect.deleteProperty(parent, name);
  else if (Number(name) < parent.length) parent[Number(name)] = null;
}

/**
 * The places a path names. With `create` the documents on the way are made; without it a way that ends leads nowhere.
 * Throws PathNotViable where a path would go through something that holds no fields.
 */
export function targetsOf(
  document: Document,
  path: readonly string[],
  positions: Positions,
  create: boolean,
): Target[] {
  return walk({ positions, create, path }, document, [], 0);
}

interface Walk {
  readonly positions: Positions;
  readonly create: boolean;
  readonly path: readonly string[];
}

function walk(way: Walk, parent: Document | unknown[], walked: readonly string[], at: number): Target[] {
  const segment = way.path[at] ?? '';
  if (segment === '') throw new MongoError(56, `The update path '${way.path.join('.')}' contains an empty field name.`);
  return namesOf(way, parent, walked, segment).flatMap((name) => {
    const target: Target = { parent, name, path: [...walked, name] };
    if (at === way.path.length - 1) return [target];
    const below = valueOf(target);
    if (isDocument(below) || Array.isArray(below)) return walk(way, below, target.path, at + 1);
    if (!way.create) return [];
    if (below !== undefined) {
      throw new MongoError(
        28,
        `Cannot create field '${way.path[at + 1]}' in element {${name}: ${JSON.stringify(below)}}`,
      );
    }
    const made: Document = {};
    setValue(target, made);
    return walk(way, made, target.path, at + 1);
  });
}

function namesOf(way: Walk, parent: Document | unknown[], walked: readonly string[], segment: string): string[] {
  if (!segment.startsWith('$')) {
    if (!Array.isArray(parent) || isIndex(segment)) return [segment];
    if (!way.create) return [];
    throw new MongoError(28, `Cannot create field '${segment}' in element {${walked.at(-1) ?? ''}: [ ... ]}`);
  }
  if (!Array.isArray(parent)) {
    throw new MongoError(
      2,
      `The path '${walked.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  if (segment === '$') return [String(matched(way, parent, walked))];
  const name = /^\$\[(.*)\]$/.exec(segment)?.[1];
  if (name === undefined) {
    throw new MongoError(
      52,
      `The dollar ($) prefixed field '${segment}' in '${way.path.join('.')}' is not valid for storage.`,
    );
  }
  const passes = name === '' ? () => true : way.positions.arrayFilters.get(name);
  if (!passes)
    throw new MongoError(2, `No array filter found for identifier '${name}' in path '${way.path.join('.')}'`);
  return [...parent.keys()].filter((index) => passes(parent[index])).map(String);
}

function matched({ positions }: Walk, array: readonly unknown[], walked: readonly string[]): number {
  const index = positions.matchedIndex(array, walked);
  if (index !== undefined) return index;
  throw new MongoError(2, 'The positional operator did not find the match needed from the query.');
}

/** Compiles `arrayFilters`: each is a filter on one name, and on the fields below it. */
export function arrayFiltersOf(filters: readonly Document[], evaluate: Evaluate): Positions['arrayFilters'] {
  return new Map(
    filters.map((filter) => {
      const [first = ''] = segmentsOf(Object.keys(filter)[0] ?? '');
      if (!/^[a-z]\w*$/i.test(first))
        throw new MongoError(9, 'Error parsing array filter: expected a named identifier');
      const matches = compileFilter(filter, evaluate);
      return [first, (element: unknown) => matches({ [first]: element })] as const;
    }),
  );
}

/** The position that `$` stands for: the first element that passes what the filter says of the array. */
export function positionOf(
  filter: Document,
  array: readonly unknown[],
  path: readonly string[],
  evaluate: Evaluate,
): number | undefined {
  const name = path.join('.');
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$and' && Array.isArray(condition)) {
      for (const clause of condition) {
        const found = isDocument(clause) ? positionOf(clause, array, path, evaluate) : undefined;
        if (found !== undefined) return found;
      }
    }
    const test = elementCondition(name, field, condition, evaluate);
    const found = test ? array.findIndex(test) : -1;
    if (found !== -1) return found;
  }
  return undefined;
}

function elementCondition(name: string, field: string, condition: unknown, evaluate: Evaluate) {
  if (field.startsWith(`${name}.`)) return elementTest({ [field.slice(name.length + 1)]: condition }, evaluate);
  if (field !== name) return undefined;
  if (isDocument(condition) && isDocument(condition['$elemMatch']))
    return elementTest(condition['$elemMatch'], evaluate);
  const matches = compileFilter({ element: condition }, evaluate);
  return (element: unknown) => matches({ element });
}
