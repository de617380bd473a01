import {
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  OperationTypeNode,
  type DirectiveNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

const CONDITIONS = new Set([GraphQLSkipDirective.name, GraphQLIncludeDirective.name]);

/** graphql-js finds no fault in a subscription to a schema that has none: it knows no type to look its fields up in. */
const subscriptionTypeExists: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation !== OperationTypeNode.SUBSCRIPTION || context.getSchema().getSubscriptionType()) return;
    context.reportError(new GraphQLError('The schema has no subscriptions.', { nodes: node }));
  },
});

/**
 * The specification forbids `@skip` and `@include` at the root of a subscription (September 2025, §5.2.4.1). graphql-js has
 * no such rule.
 */
const rootFieldIsUnconditional: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
    const conditions = rootConditions(node.selectionSet, context, new Set());
    if (conditions.length === 0) return;
    const message = 'The root field of a subscription may carry neither "@skip" nor "@include".';
    context.reportError(new GraphQLError(message, { nodes: conditions }));
  },
});

/** To be checked before the rules of graphql-js, one of which throws on documents that these refuse. */
export const subscriptionRules: readonly ValidationRule[] = [subscriptionTypeExists, rootFieldIsUnconditional];

function rootConditions(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  visited: Set<string>,
): DirectiveNode[] {
  return selections.flatMap((selection) => {
    const own = selection.directives?.filter(({ name }) => CONDITIONS.has(name.value)) ?? [];
    if (selection.kind === Kind.FIELD) return own;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return [...own, ...rootConditions(selection.selectionSet, context, visited)];
    }
    const fragment = context.getFragment(selection.name.value);
    if (!fragment || visited.has(fragment.name.value)) return own;
    visited.add(fragment.name.value);
    return [...own, ...rootConditions(fragment.selectionSet, context, visited)];
  });
}
