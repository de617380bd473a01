import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.js';
import { SIGN_IN_FIELDS } from './operation-budget.js';

/** Where none of the names is written, there is no need to read the document. */
const MENTIONS_SIGN_IN = new RegExp(`\\b(?:${[...SIGN_IN_FIELDS].join('|')})\\b`);

/**
 * Whether the body of a GraphQL request runs a mutation that signs in and does nothing else: each of its root fields is one of
 * `SIGN_IN_FIELDS`, also those that a directive would leave out. False for whatever is no such request, valid or not.
 */
export function isSignInRequest(body: unknown): boolean {
  const { query, operationName } = (body ?? {}) as { query?: unknown; operationName?: unknown };
  if (typeof query !== 'string' || !MENTIONS_SIGN_IN.test(query)) return false;
  const document = parsed(query);
  const operation = document && getOperationAST(document, typeof operationName === 'string' ? operationName : null);
  if (!document || operation?.operation !== OperationTypeNode.MUTATION) return false;
  return hasOnlySignInFields(operation.selectionSet, fragmentsOf(document));
}

function hasOnlySignInFields(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return SIGN_IN_FIELDS.has(selection.name.value);
    const { selectionSet } =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : (fragments.get(selection.name.value) ?? {});
    return selectionSet !== undefined && hasOnlySignInFields(selectionSet, fragments);
  });
}

function parsed(query: string): DocumentNode | null {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return null;
  }
}
