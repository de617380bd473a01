import {
  getNamedType,
  isObjectType,
  Kind,
  parse,
  parseType,
  print,
  visit,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { EventMarks, nameNode } from './event-marks.js';
import type { Resumption, Resumptions } from './resumptions.js';

/** How far a stream has come with an event: to what the rest is asked for by, or to its end. */
export type Position = { readonly from: Variables } | 'end' | 'unknown';

export type Variables = Readonly<Record<string, unknown>>;

interface Request {
  readonly query: string;
  readonly variables: Variables;
}

/** An operation of a subgraph that can be taken up again after any of its events. */
export class ResumableOperation {
  /** It also asks for what tells where its events stand. */
  readonly query: string;
  /** Whether it may be sent again as it is while it has brought nothing. */
  readonly isRepeatable: boolean;
  readonly #rest: string;
  readonly #restVariables: ReadonlySet<string>;
  /** The name of the stream's field in a result. */
  readonly #key: string;
  /** Variables of the rest, and where an event has their values. */
  readonly #sources: readonly (readonly [variable: string, key: string])[];
  readonly #lastHas: string;

  private constructor(operation: OperationDefinitionNode, root: FieldNode, resumption: Resumption, by: Field) {
    const prefix = unusedIn(print(operation));
    const marks = new EventMarks(root, fieldsOf(by), prefix);
    const names = Object.entries(resumption.arguments).map(
      ([name, field]) => [name, `${prefix}_${name}`, marks.keyOf(field)] as const,
    );
    this.#key = (root.alias ?? root.name).value;
    this.#sources = names.map(([, variable, key]) => [variable, key]);
    this.#lastHas = marks.keyOf(resumption.lastHas);
    this.isRepeatable = root.name.value === resumption.by;
    const marked: FieldNode = {
      ...root,
      selectionSet: { kind: Kind.SELECTION_SET, selections: marks.selections },
    };
    this.query = print(withRoot(operation, marked));
    const rest = withRoot(operation, resumedBy(resumption.by, marked, names), variablesOf(by, names));
    this.#rest = print(rest);
    this.#restVariables = usedVariables(rest);
  }

  /** Null for an operation that no resumption is known of. Throws for one that the schema does not have. */
  static of(query: string, schema: GraphQLSchema, resumptions: Resumptions): ResumableOperation | null {
    const [operation, ...fragments] = parse(query).definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION || fragments.length > 0) return null;
    const [root, ...others] = operation.selectionSet.selections;
    if (root?.kind !== Kind.FIELD || others.length > 0) return null;
    const resumption = resumptions[root.name.value];
    if (!resumption) return null;
    const by = schema.getSubscriptionType()?.getFields()[resumption.by];
    if (!by) throw new Error(`A stream is to be resumed by "${resumption.by}", which there is not.`);
    return new ResumableOperation(operation, root, resumption, by);
  }

  positionOf({ data }: ExecutionResult): Position {
    const event = data?.[this.#key] as Variables | null | undefined;
    if (event?.[this.#lastHas] != null) return 'end';
    const from = this.#sources.map(([variable, key]) => [variable, event?.[key]] as const);
    return from.some(([, value]) => value == null) ? 'unknown' : { from: Object.fromEntries(from) };
  }

  /** What brings the events after a position, in the form of those before. */
  restFrom(from: Variables, variables: Variables): Request {
    const own = Object.entries(variables).filter(([name]) => this.#restVariables.has(name));
    return { query: this.#rest, variables: { ...Object.fromEntries(own), ...from } };
  }
}

type Field = GraphQLField<unknown, unknown>;
type ArgumentNames = readonly (readonly [argument: string, variable: string, ...rest: unknown[]])[];

function fieldsOf({ type }: Field) {
  const event = getNamedType(type);
  return isObjectType(event) ? event.getFields() : {};
}

function resumedBy(field: string, root: FieldNode, names: ArgumentNames): FieldNode {
  return {
    ...root,
    alias: root.alias ?? root.name,
    name: nameNode(field),
    arguments: names.map(([argument, variable]) => ({
      kind: Kind.ARGUMENT,
      name: nameNode(argument),
      value: { kind: Kind.VARIABLE, name: nameNode(variable) },
    })),
  };
}

function variablesOf({ name: by, args }: Field, names: ArgumentNames): VariableDefinitionNode[] {
  return names.map(([argument, variable]) => {
    const type = args.find(({ name }) => name === argument)?.type;
    if (!type) throw new Error(`A stream is to be resumed by "${by}(${argument})", which there is not.`);
    return {
      kind: Kind.VARIABLE_DEFINITION,
      variable: { kind: Kind.VARIABLE, name: nameNode(variable) },
      type: parseType(String(type)),
    };
  });
}

/** The operation with another root, and those of its variables, and of `more`, that are used. */
function withRoot(
  operation: OperationDefinitionNode,
  root: FieldNode,
  more: readonly VariableDefinitionNode[] = [],
): OperationDefinitionNode {
  const { variableDefinitions: own = [], ...rest } = operation;
  const used = usedVariables(root);
  const variableDefinitions = [...own, ...more].filter(({ variable }) => used.has(variable.name.value));
  return { ...rest, variableDefinitions, selectionSet: { kind: Kind.SELECTION_SET, selections: [root] } };
}

function usedVariables(node: OperationDefinitionNode | FieldNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

/** What no name in a text begins with. */
function unusedIn(text: string): string {
  let prefix = 'resume';
  while (text.includes(prefix)) prefix = `${prefix}_`;
  return prefix;
}
