import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLInputType,
} from 'graphql';

const SCALARS: Readonly<Record<string, string>> = {
  ID: 'a string',
  String: 'a string',
  Boolean: 'true or false',
  Int: 'a whole number',
  SafeInt: 'a whole number',
  Float: 'a number',
  DateTimeISO: 'a date and time with a zone, such as 2026-01-31T12:00:00Z',
  JSONObject: 'an object',
};

/** What a value of a type has to be, in words that follow "must be". */
export function requirementOf(type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (isListType(bare)) return listOf(bare.ofType);
  if (isEnumType(bare)) {
    return `one of ${bare
      .getValues()
      .map(({ name }) => name)
      .join(', ')}`;
  }
  if (isInputObjectType(bare)) return `an object with the fields ${fieldsOf(bare)}`;
  return SCALARS[bare.name] ?? 'of the declared type';
}

/** The type at a path such as `input.messages[0].role` in a value of `root`, which the first name stands for. */
export function typeAt(root: GraphQLInputType, path: string): GraphQLInputType | undefined {
  let type: GraphQLInputType | undefined = root;
  for (const [, field] of path.matchAll(/\.(\w+)|\[\d+\]/g)) {
    const bare: GraphQLInputType = getNullableType(type);
    // A list may be written as its only item.
    const object = getNamedType(bare);
    if (field === undefined) type = isListType(bare) ? bare.ofType : undefined;
    else type = isInputObjectType(object) ? object.getFields()[field]?.type : undefined;
    if (!type) return undefined;
  }
  return type;
}

function listOf(item: GraphQLInputType): string {
  const bare = getNullableType(item);
  return isInputObjectType(bare)
    ? `a list of objects with the fields ${fieldsOf(bare)}`
    : `a list, each item of it ${requirementOf(item)}`;
}

function fieldsOf(type: { getFields(): object }): string {
  const names = Object.keys(type.getFields());
  const last = names.pop() ?? '';
  return names.length > 0 ? `${names.join(', ')} and ${last}` : last;
}
