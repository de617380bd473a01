import { MongoError } from '../errors.js';
import type { Evaluate } from '../query/matcher.js';
import { copyOf, fieldOf, isDocument, type Document } from '../values/document.js';
import { sameValue } from '../values/order.js';
import { isIndex, segmentsOf } from '../values/path.js';
import { ARRAY_OPERATORS } from './array-operators.js';
import { removeValue, setValue, targetsOf, valueOf, type Positions, type Target } from './target.js';
import { VALUE_OPERATORS } from './value-operators.js';

export interface UpdateSituation {
  readonly positions: Positions;
  readonly evaluate: Evaluate;
  readonly now: Date;
  /** Whether the document is being made by an upsert: only then does `$setOnInsert` count. */
  readonly inserting: boolean;
}

const OTHER_OPERATORS = ['$unset', '$rename'];

/** Throws FailedToParse for an unknown modifier, ConflictingUpdateOperators for two that meet at one path. */
export function assertModifiers(update: Document): void {
  const paths: string[] = [];
  for (const [name, fields] of Object.entries(update)) {
    if (!(name in VALUE_OPERATORS) && !(name in ARRAY_OPERATORS) && !OTHER_OPERATORS.includes(name)) {
      throw new MongoError(
        9,
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDocument(fields)) {
      throw new MongoError(
        9,
        `Modifiers operate on fields but we found type ${typeof fields} instead. For example: {$mod: {<field>: ...}}`,
      );
    }
    paths.push(...Object.keys(fields));
    if (name === '$rename') paths.push(...Object.values(fields).map(renameTarget));
  }
  assertApart(paths);
}

function renameTarget(target: unknown): string {
  if (typeof target === 'string' && target !== '') return target;
  throw new MongoError(2, `The 'to' field for $rename must be a string: ${String(target)}`);
}

function assertApart(paths: readonly string[]): void {
  const inOrder = paths.map((path) => `${path}.`).toSorted();
  for (const [at, path] of inOrder.entries()) {
    const next = inOrder[at + 1];
    if (next?.startsWith(path)) {
      throw new MongoError(
        40,
        `Updating the path '${next.slice(0, -1)}' would create a conflict at '${path.slice(0, -1)}'`,
      );
    }
  }
}

/** The document as the modifiers leave it; the one given stays as it is. Throws ImmutableField when `_id` would change. */
export function applyModifiers(document: Document, update: Document, situation: UpdateSituation): Document {
  const next = copyOf(document);
  for (const [name, fields] of Object.entries(update)) {
    if (name === '$setOnInsert' && !situation.inserting) continue;
    const entries = Object.entries(fields as Document);
    // MongoDB adds new fields by name, numbers among them by size.
    for (const [field, operand] of entries.toSorted(([a], [b]) => byFieldName(a, b))) {
      modify(next, name, field, operand, situation);
    }
  }
  assertSameId(document, next);
  return next;
}

function byFieldName(a: string, b: string): number {
  if (isIndex(a) && isIndex(b)) return Number(a) - Number(b);
  return a < b ? -1 : Number(a > b);
}

export function assertSameId(before: Document, after: Document): void {
  const id = fieldOf(before, '_id');
  if (id !== undefined && !sameValue(id, fieldOf(after, '_id'))) {
    throw new MongoError(66, `Performing an update on the path '_id' would modify the immutable field '_id'`);
  }
}

function modify(next: Document, name: string, field: string, operand: unknown, situation: UpdateSituation): void {
  const path = segmentsOf(field);
  const creates = !['$unset', '$rename', '$pop', '$pull', '$pullAll'].includes(name);
  for (const target of targetsOf(next, path, situation.positions, creates)) {
    if (name === '$unset') removeValue(target);
    else if (name === '$rename') rename(next, target, String(operand), situation);
    else change(target, name, operand, situation);
  }
}

function change(target: Target, name: string, operand: unknown, { evaluate, now }: UpdateSituation): void {
  const current = valueOf(target);
  const field = target.path.join('.');
  const value =
    VALUE_OPERATORS[name]?.(current, operand, field, now) ?? ARRAY_OPERATORS[name]?.(current, operand, field, evaluate);
  const result = value === undefined && name in VALUE_OPERATORS ? null : value;
  if (result !== undefined) setValue(target, copyOf(result));
}

function rename(next: Document, source: Target, to: string, { positions }: UpdateSituation): void {
  if (Array.isArray(source.parent)) {
    throw new MongoError(2, `The source field cannot be an array element, '${source.path.join('.')}'`);
  }
  const value = valueOf(source);
  if (value === undefined) return;
  removeValue(source);
  for (const target of targetsOf(next, segmentsOf(to), positions, true)) setValue(target, value);
}
