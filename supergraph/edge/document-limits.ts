import {
  Kind,
  type DocumentNode,
  type ExecutableDefinitionNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.js';

/** How large a GraphQL document may be, once its fragments are written out. */
export interface DocumentLimits {
  /** Nested fields. */
  readonly depth: number;
  /** The same below `__schema` and `__type`, which tools ask deeply. */
  readonly introspectionDepth: number;
  /** Nested fields and fragments, introspection or not. */
  readonly nesting: number;
  /** Fields, spreads and inline fragments. */
  readonly selections: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = {
  depth: 12,
  introspectionDepth: 20,
  nesting: 50,
  selections: 500,
  aliases: 30,
  rootFields: 10,
  directives: 50,
};

interface Size {
  depth: number;
  introspectionDepth: number;
  nesting: number;
  selections: number;
  aliases: number;
  directives: number;
}

const EMPTY: Size = { depth: 0, introspectionDepth: 0, nesting: 0, selections: 0, aliases: 0, directives: 0 };
const INTROSPECTION = new Set(['__schema', '__type']);

/**
 * The first limit that a document exceeds, in words for the client; null when it keeps them all. Takes time in proportion
 * to the document as it is written: a fragment is measured once, however often it is spread. One that nobody spreads is
 * measured too, since validation compares its fields with each other all the same.
 */
export function exceededLimit(document: DocumentNode, limits: DocumentLimits = DOCUMENT_LIMITS): string | null {
  const measure = new Measure(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const operation = definition.kind === Kind.OPERATION_DEFINITION ? definition : null;
    const size = operation ? measure.of(operation.selectionSet) : measure.fragment(definition.name?.value ?? '');
    if (size === null) return 'A fragment of the document spreads itself.';
    const found: Found[] = [
      ['levels of fields and fragments deep', size.nesting, limits.nesting],
      ['selections large', size.selections, limits.selections],
      ['aliases large', size.aliases, limits.aliases],
      ['directives large', size.directives + ownDirectives(definition), limits.directives],
    ];
    if (operation) {
      // Of a fragment alone it cannot be told whether it is about the schema.
      found.push(
        ['levels deep', size.depth, limits.depth],
        ['levels of introspection deep', size.introspectionDepth, limits.introspectionDepth],
        ['root fields wide', measure.rootFields(operation.selectionSet), limits.rootFields],
      );
    }
    const exceeded = found.find(([, value, limit]) => value > limit);
    if (exceeded) return `An operation may be at most ${exceeded[2]} ${exceeded[0]}, its fragments written out.`;
  }
  return null;
}

type Found = [what: string, value: number, limit: number];

/** Those that stand on the definition itself and on its variables. */
function ownDirectives({ directives = [], variableDefinitions = [] }: ExecutableDefinitionNode): number {
  return directives.length + variableDefinitions.reduce((sum, { directives: of = [] }) => sum + of.length, 0);
}

class Measure {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #sizes = new Map<string, Size | 'measuring'>();
  readonly #rootFields = new Map<string, number>();

  constructor(document: DocumentNode) {
    this.#fragments = fragmentsOf(document);
  }

  /** Null when a fragment spreads itself. */
  of({ selections }: SelectionSetNode): Size | null {
    const total = { ...EMPTY };
    for (const selection of selections) {
      const inner = this.#below(selection);
      if (inner === null) return null;
      const field = selection.kind === Kind.FIELD ? selection : null;
      const introspects = field !== null && INTROSPECTION.has(field.name.value);
      total.selections += inner.selections + 1;
      total.aliases += inner.aliases + (field?.alias ? 1 : 0);
      total.directives += inner.directives + (selection.directives?.length ?? 0);
      total.nesting = Math.max(total.nesting, inner.nesting + 1);
      total.depth = Math.max(total.depth, introspects ? 1 : inner.depth + (field ? 1 : 0));
      total.introspectionDepth = Math.max(
        total.introspectionDepth,
        introspects ? inner.depth : inner.introspectionDepth,
      );
    }
    return total;
  }

  /** Null when it spreads itself. */
  fragment(name: string): Size | null {
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

  #below(selection: SelectionNode): Size | null {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.fragment(selection.name.value);
    return selection.selectionSet ? this.of(selection.selectionSet) : EMPTY;
  }

  #rootFieldsOf(name: string): number {
    const known = this.#rootFields.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const count = fragment ? this.rootFields(fragment.selectionSet) : 0;
    this.#rootFields.set(name, count);
    return count;
  }
}
