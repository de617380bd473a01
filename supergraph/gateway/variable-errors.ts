import { getVariableValues, type GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

interface Asked {
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What is wrong with an operation's variables (GraphQL §6.1.2), `atMost` faults of it; undefined where nothing is. */
export function variableErrors(
  schema: GraphQLSchema,
  { operation, variables }: Asked,
  atMost: number,
): readonly GraphQLError[] | undefined {
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: atMost });
  // One more says that there are more.
  return errors?.slice(0, atMost);
}
