import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

export type JsonSchema = Record<string, unknown>;

const SCALARS: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer', format: 'int32' },
  SafeInt: { type: 'integer', format: 'int64' },
  Float: { type: 'number' },
  DateTimeISO: { type: 'string', format: 'date-time' },
  JSONObject: { type: 'object' },
};

/**
 * A GraphQL input type, and each one that it refers to, as JSON Schemas by their names.
 * Throws an Error for a name that is no input object, and for a scalar that has no JSON form here.
 */
export function inputJsonSchema(api: GraphQLSchema, name: string): Record<string, JsonSchema> {
  const found: Record<string, JsonSchema> = {};
  collect(objectOf(api.getType(name), name), found);
  return found;
}

function collect(type: GraphQLInputObjectType, found: Record<string, JsonSchema>): void {
  if (type.name in found) return;
  const schema: JsonSchema = { type: 'object', ...(type.description && { description: type.description }) };
  found[type.name] = schema;
  const fields = Object.values(type.getFields());
  const required = fields.filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
  schema['properties'] = Object.fromEntries(
    fields.map((field) => [
      field.name,
      {
        ...schemaOf(field.type, found),
        ...(field.description && { description: field.description }),
        ...(field.defaultValue !== undefined && { default: field.defaultValue }),
      },
    ]),
  );
  if (required.length > 0) schema['required'] = required.map((field) => field.name);
  schema['additionalProperties'] = false;
}

function schemaOf(type: GraphQLInputType, found: Record<string, JsonSchema>): JsonSchema {
  if (isNonNullType(type)) return schemaOf(type.ofType, found);
  if (isListType(type)) return { type: 'array', items: schemaOf(type.ofType, found) };
  if (isEnumType(type)) return { type: 'string', enum: type.getValues().map(({ name }) => name) };
  if (isInputObjectType(type)) {
    collect(type, found);
    return { $ref: `#/components/schemas/${type.name}` };
  }
  const scalar = SCALARS[type.name];
  if (!scalar) throw new Error(`The scalar ${type.name} has no JSON Schema.`);
  return { ...scalar };
}

function objectOf(type: unknown, name: string): GraphQLInputObjectType {
  if (!isInputObjectType(type)) throw new Error(`The API has no input type ${name}.`);
  return type;
}
