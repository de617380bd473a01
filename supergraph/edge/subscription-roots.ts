import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.js';

const CONDITIONS = new Set([GraphQLSkipDirective.name, GraphQLIncludeDirective.name]);

/**
 * Whether a subscription of the document has `@skip` or `@include` at its root, which the specification forbids (September
 * 2025, §5.2.4.1). graphql-js has no such rule, and another of its rules throws on such a document.
 */
export function hasConditionalRoot(document: DocumentNode): boolean {
  const fragments = fragmentsOf(document);
  const visited = new Set<string>();
  const isConditional = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.directives?.some(({ name }) => CONDITIONS.has(name.value))) return true;
      if (selection.kind === Kind.FIELD) return false;
      if (selection.kind === Kind.INLINE_FRAGMENT) return isConditional(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      if (!fragment || visited.has(fragment.name.value)) return false;
      visited.add(fragment.name.value);
      return isConditional(fragment.selectionSet);
    });
  return document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.SUBSCRIPTION &&
      isConditional(definition.selectionSet),
  );
}
