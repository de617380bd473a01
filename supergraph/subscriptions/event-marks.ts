import {
  getNamedType,
  isCompositeType,
  Kind,
  type FieldNode,
  type GraphQLFieldMap,
  type NameNode,
  type SelectionNode,
} from 'graphql';

/** What a stream's events are asked for, completed by what tells where each stands. A client's own selection of it will do. */
export class EventMarks {
  readonly #asked: readonly SelectionNode[];
  readonly #added = new Map<string, FieldNode>();

  constructor(
    root: FieldNode,
    private readonly fields: GraphQLFieldMap<unknown, unknown>,
    /** What no name in the operation begins with. */
    private readonly prefix: string,
  ) {
    this.#asked = root.selectionSet?.selections ?? [];
  }

  get selections(): readonly SelectionNode[] {
    return [...this.#asked, ...this.#added.values()];
  }

  /** The name under which events have a field. Throws for one that they never have. */
  keyOf(field: string): string {
    for (const selection of this.#asked) {
      const isPlain = selection.kind === Kind.FIELD && !selection.directives?.length;
      if (isPlain && selection.name.value === field) return (selection.alias ?? selection.name).value;
    }
    const key = `${this.prefix}_${field}`;
    this.#added.set(field, this.#selectionOf(field, key));
    return key;
  }

  #selectionOf(field: string, key: string): FieldNode {
    const definition = this.fields[field];
    if (!definition) throw new Error(`A stream is to be resumed by "${field}", which its events do not have.`);
    const plain: FieldNode = { kind: Kind.FIELD, alias: nameNode(key), name: nameNode(field) };
    if (!isCompositeType(getNamedType(definition.type))) return plain;
    const selections = [{ kind: Kind.FIELD, name: nameNode('__typename') } as const];
    return { ...plain, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  }
}

export function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}
