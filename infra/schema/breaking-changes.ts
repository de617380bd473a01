import {
  buildSchema,
  findBreakingChanges,
  Kind,
  parse,
  validate,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
} from 'graphql';

export interface OperationFile {
  readonly path: string;
  readonly document: string;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/**
 * What a new API schema would break, one line each: changes that can break any client of the old schema, and operations of
 * our own that the new one no longer accepts, with who uses them. Files may use each other's fragments.
 */
export function breakingChanges(oldSdl: string, newSdl: string, operations: readonly OperationFile[]): string[] {
  const next = buildSchema(newSdl);
  const changes = findBreakingChanges(buildSchema(oldSdl), next);
  const parsed = operations.map(({ path, document }) => ({ path, document: parse(document) }));
  const fragments = fragmentsOf(parsed.map(({ document }) => document));
  return [
    ...changes.map(({ type, description }) => `any client: ${description} (${type})`),
    ...parsed.flatMap(({ path, document }) =>
      executable(document, fragments).flatMap((operation) =>
        validate(next, operation).map(({ message }) => `${path}: ${message}`),
      ),
    ),
  ];
}

function fragmentsOf(documents: readonly DocumentNode[]): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const { definitions } of documents) {
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
  }
  return fragments;
}

/** Each operation of a file with just the fragments that it spreads, wherever they are written. */
function executable({ definitions }: DocumentNode, fragments: Fragments): DocumentNode[] {
  return definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => {
      const spread = new Map<string, FragmentDefinitionNode>();
      const collect = (node: Parameters<typeof visit>[0]): void => {
        visit(node, {
          FragmentSpread({ name }) {
            const fragment = fragments.get(name.value);
            if (!fragment || spread.has(name.value)) return;
            spread.set(name.value, fragment);
            collect(fragment);
          },
        });
      };
      collect(operation);
      return { kind: Kind.DOCUMENT, definitions: [operation, ...spread.values()] };
    });
}
