import { MongoError } from '../errors.js';
import type { Evaluate } from '../query/matcher.js';
import { fieldOf, isDocument, setField, type Document } from '../values/document.js';
import { segmentsOf } from '../values/path.js';

export type Projection = (document: Document) => Document;

/** What happens to a field: kept, left out, computed, or that below it. */
type Part = { readonly fields: Map<string, Part> } | 'include' | 'exclude' | { readonly compute: Compute };
type Compute = (document: Document) => unknown;

/** What only the projection of `find` has, by operator. */
export type FieldOperators = Readonly<Record<string, (operand: unknown, field: string) => Compute>>;

interface Specification {
  readonly evaluate: Evaluate;
  readonly operators: FieldOperators;
  readonly root: Map<string, Part>;
  includes: boolean;
  excludes: boolean;
}

/**
 * Compiles a projection. Fields come out in the document's order, computed ones after them.
 * Throws 31253 and 31254 where it both includes and excludes.
 */
export function compileProjection(operand: Document, evaluate: Evaluate, operators: FieldOperators = {}): Projection {
  const specification: Specification = { evaluate, operators, root: new Map(), includes: false, excludes: false };
  const { _id: id, ...others } = operand;
  for (const [name, value] of Object.entries(others)) addPart(specification, segmentsOf(name), value);
  const { root, includes, excludes } = specification;
  if (includes && excludes) throw new MongoError(31254, 'Cannot do exclusion and inclusion in the same projection');
  if ('_id' in operand && !isOff(id)) {
    if (excludes && isOn(id)) root.delete('_id');
    else addPart(specification, ['_id'], id);
  } else if (isOff(id)) {
    root.set('_id', 'exclude');
  } else if (includes) {
    root.set('_id', 'include');
  }
  const inclusive = specification.includes;
  return (document) => projected(document, document, root, inclusive) as Document;
}

function addPart(specification: Specification, path: readonly string[], value: unknown): void {
  const name = path.join('.');
  if (isOff(value)) {
    specification.excludes = true;
    place(specification.root, path, 'exclude');
  } else if (isOn(value)) {
    specification.includes = true;
    place(specification.root, path, 'include');
  } else if (isDocument(value) && !Object.keys(value)[0]?.startsWith('$')) {
    if (Object.keys(value).length === 0) throw new MongoError(51270, 'An empty sub-projection is not a valid value');
    for (const [field, inner] of Object.entries(value)) addPart(specification, [...path, ...segmentsOf(field)], inner);
  } else {
    addComputed(specification, path, name, value);
  }
}

function addComputed(specification: Specification, path: readonly string[], name: string, value: unknown): void {
  const [operator = '', operand] = isDocument(value) ? (Object.entries(value)[0] ?? []) : [];
  const special = specification.operators[operator];
  // A `$slice` keeps the other fields, as an exclusion does; every other computed field keeps only what is named.
  if (!(special && operator === '$slice')) specification.includes = true;
  const compute = special
    ? special(operand, name)
    : (document: Document): unknown => specification.evaluate(value, document);
  place(specification.root, path, { compute });
}

function place(fields: Map<string, Part>, path: readonly string[], part: Part): void {
  const [name = '', ...rest] = path;
  if (name === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  const existing = fields.get(name);
  if (rest.length === 0) {
    if (existing) throw new MongoError(31250, `Path collision at ${name}`);
    fields.set(name, part);
    return;
  }
  if (existing && (typeof existing === 'string' || 'compute' in existing)) {
    throw new MongoError(31249, `Path collision at ${path.join('.')}`);
  }
  const below = existing ?? { fields: new Map<string, Part>() };
  fields.set(name, below);
  place(below.fields, rest, part);
}

function isOff(value: unknown): boolean {
  return value === 0 || value === false;
}

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'number' && value !== 0);
}

function projected(value: unknown, root: Document, fields: Map<string, Part>, inclusive: boolean): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((element) => !inclusive || isDocument(element) || Array.isArray(element))
      .map((element) => projected(element, root, fields, inclusive));
  }
  if (!isDocument(value)) return inclusive ? undefined : value;
  const made: Document = {};
  for (const name of Object.keys(value)) {
    const kept = keptValue(value[name], root, fields.get(name), inclusive);
    if (kept !== undefined) setField(made, name, kept);
  }
  for (const [name, part] of fields) addMissing(made, value, root, name, part);
  return made;
}

function keptValue(value: unknown, root: Document, part: Part | undefined, inclusive: boolean): unknown {
  if (part === undefined) return inclusive ? undefined : value;
  if (part === 'include') return value;
  if (part === 'exclude') return undefined;
  return 'compute' in part ? part.compute(root) : projected(value, root, part.fields, inclusive);
}

/** Computed fields that the document does not have. */
function addMissing(made: Document, source: Document, root: Document, name: string, part: Part): void {
  if (typeof part === 'string') return;
  if ('fields' in part) {
    if (isDocument(fieldOf(source, name)) || Array.isArray(fieldOf(source, name)) || !hasComputed(part.fields)) return;
    setField(made, name, projected({}, root, part.fields, true));
    return;
  }
  if (Object.hasOwn(source, name)) return;
  const computed = part.compute(root);
  if (computed !== undefined) setField(made, name, computed);
}

function hasComputed(fields: Map<string, Part>): boolean {
  return [...fields.values()].some(
    (part) => typeof part !== 'string' && ('compute' in part || hasComputed(part.fields)),
  );
}
