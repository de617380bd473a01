import { MongoError } from '../errors.js';
import type { Matcher } from '../query/matcher.js';
import type { Document } from '../values/document.js';
import { segmentsOf, valuesAt } from '../values/path.js';

/** An index as `listIndexes` describes it. */
export interface IndexSpec extends Document {
  readonly v: 2;
  readonly key: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly partialFilterExpression?: Document;
  readonly expireAfterSeconds?: number;
}

export class IndexKeys {
  readonly fields: readonly string[];
  readonly #paths: readonly (readonly string[])[];
  readonly #sparse: boolean;
  readonly #covers: Matcher | undefined;

  constructor(spec: IndexSpec, covers: Matcher | undefined) {
    this.fields = Object.keys(spec.key);
    this.#paths = this.fields.map(segmentsOf);
    this.#sparse = spec.sparse === true;
    this.#covers = covers;
  }

  /** The entries of a document: none when the index leaves it out, several when a field is an array. */
  of(document: Document): readonly (readonly unknown[])[] {
    if (this.#covers && !this.#covers(document)) return [];
    const values = this.#paths.map((path) => valuesAt(document, path));
    if (this.#sparse && values.every((list) => list.every((value) => value === undefined))) return [];
    return combinations(values.map((list) => (list.length === 0 ? [undefined] : list)));
  }
}

function combinations(values: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  if (values.every((list) => list.length === 1)) return [values.map(([value]) => value ?? null)];
  if (values.filter((list) => list.length > 1).length > 1) {
    throw new MongoError(171, 'cannot index parallel arrays');
  }
  return values.reduce<readonly (readonly unknown[])[]>(
    (entries, list) => entries.flatMap((entry) => list.map((value) => [...entry, value ?? null])),
    [[]],
  );
}
