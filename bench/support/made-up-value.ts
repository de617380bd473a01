import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
} from 'graphql';

const DEFAULT_LENGTH = 3;

const SCALARS: Readonly<Record<string, unknown>> = {
  Int: 7,
  SafeInt: 1_700,
  Float: 0.25,
  Boolean: false,
  DateTimeISO: '2026-01-01T00:00:00.000Z',
  JSONObject: { seed: 7 },
};

/** The only account there is; ids of the rest differ by their place in the list. */
export const VIEWER_ID = '0198c0de-0000-7000-8000-000000000001';

interface Parent {
  readonly index?: number;
  readonly length?: number;
}

/** Answers each field by its type alone, always alike: what a subgraph says is not what is measured. Its name is the context. */
export const madeUpValue: GraphQLFieldResolver<Parent, string> = (parent, args, subgraph, info) => {
  const given: unknown = defaultFieldResolver(parent, args, subgraph, info);
  if (given !== undefined) return given;
  const make = (type: GraphQLOutputType, index: number): unknown => {
    const named = getNamedType(type);
    if (isEnumType(named)) return named.getValues()[0]?.value;
    // Ids of one subgraph are not those of another, else different things would look like one to a gateway.
    if (isLeafType(named)) return SCALARS[named.name] ?? `${info.fieldName} ${index} of ${subgraph}`;
    const first: unknown = args['first'];
    return {
      index,
      ...(typeof first === 'number' && { length: first }),
      ...(named.name === 'User' && { id: VIEWER_ID }),
    };
  };
  const type = getNullableType(info.returnType);
  if (!isListType(type)) return make(type, parent?.index ?? 0);
  return Array.from({ length: parent?.length ?? DEFAULT_LENGTH }, (_item, place) => make(type.ofType, place));
};
