import { buildOperationContext } from '@apollo/gateway';
import { operationFromDocument, Supergraph, type Operation, type Schema } from '@apollo/federation-internals';
import { QueryPlanner, type PlanNode, type SubscriptionNode } from '@apollo/query-planner';
import { print, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { AppError } from '#shared/errors/app-error.js';
import { ResumableOperation } from './resumable-operation.js';
import { RESUMPTIONS, type Resumptions } from './resumptions.js';

export type FetchNode = SubscriptionNode['primary'];

/** How a subscription is run: one stream from one subgraph, and for each event the rest from the others. */
export interface SubscriptionPlan {
  readonly primary: FetchNode;
  readonly rest: PlanNode | undefined;
  /** What the client asked for. */
  readonly operation: Operation;
  readonly operationContext: ReturnType<typeof buildOperationContext>;
  /** How the stream is taken up again when its subgraph is lost; null when it cannot be. */
  readonly resumable: ResumableOperation | null;
}

/** Of the documents whose plans are remembered, together; a plan takes some hundred times as much memory. */
const PLANNED_CHARS = 256 * 1024;

/** Plans subscriptions over the supergraph; the gateway plans them too but will not run them. */
export class SubscriptionPlanner {
  /** What clients see. */
  readonly api: Schema;
  readonly apiSchema: GraphQLSchema;
  /** With the types that only subgraphs see. */
  readonly supergraphSchema: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #plans = new LRUCache<string, SubscriptionPlan>({
    maxSize: PLANNED_CHARS,
    sizeCalculation: (_plan, document) => document.length,
  });

  constructor(
    supergraphSdl: string,
    private readonly resumptions: Resumptions = RESUMPTIONS,
  ) {
    const supergraph = Supergraph.build(supergraphSdl);
    this.api = supergraph.apiSchema();
    this.apiSchema = this.api.toGraphQLJSSchema();
    this.supergraphSchema = supergraph.schema.toGraphQLJSSchema();
    // What can be taken up again has no fragments of its own.
    this.#planner = new QueryPlanner(supergraph, { reuseQueryFragments: false });
  }

  /** The document must be valid and the operation a subscription. Throws BAD_REQUEST for one that cannot be planned. */
  plan(document: DocumentNode, operationName: string | undefined): SubscriptionPlan {
    const key = `${operationName ?? ''}\n${print(document)}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = this.#plan(document, operationName);
    this.#plans.set(key, plan);
    return plan;
  }

  #plan(document: DocumentNode, operationName: string | undefined): SubscriptionPlan {
    const named = operationName === undefined ? {} : { operationName };
    const operation = operationFromDocument(this.api, document, named);
    const { node } = this.#planner.buildQueryPlan(operation);
    if (node?.kind !== 'Subscription') {
      throw new AppError('BAD_REQUEST', 'The operation is not a subscription that can be run.');
    }
    const operationContext = buildOperationContext({ schema: this.apiSchema, operationDocument: document, ...named });
    const resumable = ResumableOperation.of(node.primary.operation, this.apiSchema, this.resumptions);
    return { primary: node.primary, rest: node.rest, operation, operationContext, resumable };
  }
}
