import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** How large a GraphQL document may be, once its fragments are written out. */
export interface DocumentLimits {
  /** Nested selection sets. */
  readonly depth: number;
  /** The same below `__schema` and `__type`, which tools ask deeply. */
  readonly introspectionDepth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = {
  depth: 12,
  introspectionDepth: 20,
  fields: 500,
  aliases: 30,
  rootFields: 10,
  directives: 50,
};

interface Size {
  depth: number;
  introspectionDepth: number;
  fields: number;
  aliases: number;
  directives: number;
}

const EMPTY: Size = { depth: 0, introspectionDepth: 0, fields: 0, aliases: 0, directives: 0 };
const INTROSPECTION = new Set(['__schema', '__type']);

/**
 * The first limit that a document exceeds, in words for the client; null when it keeps them all. Takes time in proportion
 * to the document as it is written: a fragment is measured once, however often it is spread.
 */
export function exceededLimit(document: DocumentNode, limits: DocumentLimits = DOCUMENT_LIMITS): string | null {
  const measure = new Measure(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = measure.of(definition.selectionSet);
    if (size === null) return 'A fragment of the document spreads itself.';
    const found: [what: string, value: number, limit: number][] = [
      ['levels deep', size.depth, limits.depth],
      ['levels of introspection deep', size.introspectionDepth, limits.introspectionDepth],
      ['fields large', size.fields, limits.fields],
      ['aliases large', size.aliases, limits.aliases],
      ['root fields wide', measure.rootFields(definition.selectionSet), limits.rootFields],
      ['directives large', size.directives + (definition.directives?.length ?? 0), limits.directives],
    ];
    const exceeded = found.find(([, value, limit]) => value > limit);
    if (exceeded) return `The operation may be at most ${exceeded[2]} ${exceeded[0]}, its fragments written out.`;
  }
  return null;
}

class Measure {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #sizes = new Map<string, Size | 'measuring'>();
  readonly #rootFields = new Map<string, number>();

  constructor(document: DocumentNode) {
    this.#fragments = new Map(
      document.definitions
        .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
        .map((fragment) => [fragment.name.value, fragment]),
    );
  }

  /** Null when a fragment spreads itself. */
  of({ selections }: SelectionSetNode): Size | null {
    const total = { ...EMPTY };
    for (const selection of selections) {
      let inner: Size | null = EMPTY;
      if (selection.kind === Kind.FRAGMENT_SPREAD) inner = this.#fragment(selection.name.value);
      else if (selection.selectionSet) inner = this.of(selection.selectionSet);
      if (inner === null) return null;
      const field = selection.kind === Kind.FIELD ? selection : null;
      const introspects = field !== null && INTROSPECTION.has(field.name.value);
      const level = field ? 1 : 0;
      total.fields += inner.fields + level;
      total.aliases += inner.aliases + (field?.alias ? 1 : 0);
      total.directives += inner.directives + (selection.directives?.length ?? 0);
      total.depth = Math.max(total.depth, introspects ? 1 : inner.depth + level);
      total.introspectionDepth = Math.max(
        total.introspectionDepth,
        introspects ? inner.depth : inner.introspectionDepth,
      );
    }
    return total;
  }

  /** Fields at the root, counted through fragments; only for a document of which `of` was not null. */
  rootFields({ selections }: SelectionSetNode): number {
    let count = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) count += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += this.rootFields(selection.selectionSet);
      else count += this.#rootFieldsOf(selection.name.value);
    }
    return count;
  }

  #rootFieldsOf(name: string): number {
    const known = this.#rootFields.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const count = fragment ? this.rootFields(fragment.selectionSet) : 0;
    this.#rootFields.set(name, count);
    return count;
  }

  #fragment(name: string): Size | null {
    const known = this.#sizes.get(name);
    if (known === 'measuring') return null;
    if (known) return known;
    const fragment = this.#fragments.get(name);
    // One that is not there is for validation to name.
    if (!fragment) return EMPTY;
    this.#sizes.set(name, 'measuring');
    const size = this.of(fragment.selectionSet);
    if (size) this.#sizes.set(name, size);
    return size;
  }
}
