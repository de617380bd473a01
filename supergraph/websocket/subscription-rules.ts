import { GraphQLError, OperationTypeNode, type ValidationRule } from 'graphql';

/** graphql-js finds no fault in a subscription to a schema that has none: it knows no type to look its fields up in. */
const subscriptionTypeExists: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation !== OperationTypeNode.SUBSCRIPTION || context.getSchema().getSubscriptionType()) return;
    context.reportError(new GraphQLError('The schema has no subscriptions.', { nodes: node }));
  },
});

/** To be checked before the rules of graphql-js. */
export const subscriptionRules: readonly ValidationRule[] = [subscriptionTypeExists];
