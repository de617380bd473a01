import { getMetadataStorage } from 'type-graphql';

/**
 * Makes the next schema of this process start from what its types declare. TypeGraphQL leaves the fields that resolvers
 * add to a type on the type itself, so that a stub such as `User`, which several subgraphs extend, would show one
 * subgraph's fields in the schema of the next: where all are built in turn, as for the composition.
 */
export function forgetCollectedFields(): void {
  for (const type of getMetadataStorage().objectTypes) delete type.fields;
}
