import {
  GraphQLError,
  isInputType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type Source,
} from 'graphql';
import type { InputIssue } from './app-error.js';
import { valueIssue } from './value-issue.js';

const LITERALS: ReadonlySet<Kind> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
]);

interface Place {
  /** As it would be in the argument's variable, such as `input.messages[0].role`. */
  readonly path: string;
  readonly type: GraphQLInputType | undefined;
}

/**
 * A value of the wrong shape that is written in the document itself, with the place that it would have in a variable.
 * Undefined where the error is not about such a value.
 */
export function literalIssue(error: Error, schema: GraphQLSchema): InputIssue | undefined {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'GRAPHQL_VALIDATION_FAILED') return undefined;
  const literal = error.nodes?.[0];
  if (!literal || !LITERALS.has(literal.kind)) return undefined;
  const place = placeOf(literal, schema);
  return place && valueIssue(place.path, error.message, place.type);
}

/** By source, since a document may have many errors. */
const remembered = new WeakMap<Source, ReadonlyMap<string, Place>>();

/** A node does not know what it is in, so it is looked for in its document again. */
function placeOf({ kind, loc }: ASTNode, schema: GraphQLSchema): Place | undefined {
  if (!loc) return undefined;
  const places = remembered.get(loc.source) ?? literalPlaces(loc.source, schema);
  remembered.set(loc.source, places);
  return places.get(`${kind} ${loc.start}`);
}

function literalPlaces(source: Source, schema: GraphQLSchema): Map<string, Place> {
  const types = new TypeInfo(schema);
  const places = new Map<string, Place>();
  visit(
    parse(source),
    visitWithTypeInfo(types, {
      enter(node, _key, parent, path, ancestors) {
        if (!LITERALS.has(node.kind)) return;
        const chain = [...ancestors, ...(parent ? [parent] : [])];
        const type = types.getInputType();
        const place = { path: pathOf(chain, path), type: isInputType(type) ? type : undefined };
        places.set(`${node.kind} ${node.loc?.start}`, place);
      },
    }),
  );
  return places;
}

type Step = ASTNode | readonly ASTNode[];

/** From the document down to what holds the value; `keys` are the steps from each to the next. */
function pathOf(chain: readonly Step[], keys: readonly (string | number)[]): string {
  let path = '';
  for (const [depth, step] of chain.entries()) {
    if (!isNode(step)) continue;
    if (step.kind === Kind.ARGUMENT) path = step.name.value;
    if (step.kind === Kind.VARIABLE_DEFINITION) path = step.variable.name.value;
    if (step.kind === Kind.OBJECT_FIELD) path += `.${step.name.value}`;
    // Between a list and its item is the array of its items.
    if (step.kind === Kind.LIST) path += `[${keys[depth + 1]}]`;
  }
  return path;
}

function isNode(step: Step): step is ASTNode {
  return 'kind' in step;
}
