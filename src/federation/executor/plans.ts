import {
  type BatchFetchNode,
  type FetchNode,
  type PlanNode,
  QueryPlanner,
} from '@graphql-hive/router-query-planner';
import { type DocumentNode, type GraphQLSchema, parse, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import { invariant } from '../../core/errors.js';

/** How an operation is answered: which subgraph is asked what, and in which order. */
export interface Plan {
  readonly node: PlanNode | undefined;
  /** What each fetch asks, by its text. */
  readonly documents: ReadonlyMap<string, DocumentNode>;
}

export interface Plans {
  /** @throws an invariant's error if the planner makes a document that its subgraph would refuse. */
  planOf(text: string): Promise<Plan>;
}

/**
 * Characters of the operations whose plans are kept. A plan with its documents is some forty times its
 * operation: a client can fill no more than about 40 MB.
 */
const MAX_CHARACTERS = 1_000_000;

/** Supergraphs may choose a subgraph by a label of the request's: this gateway sets none. */
const NO_LABELS: ReadonlySet<string> = new Set();

/** Plans operations over a supergraph, each text once. */
export function createPlans(
  supergraphSdl: string,
  schemaOf: (subgraph: string) => GraphQLSchema,
): Plans {
  const planner = new QueryPlanner(supergraphSdl);
  const plans = new LRUCache<string, Promise<Plan>>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_plan, text) => text.length,
  });

  async function plan(text: string): Promise<Plan> {
    const { node } = await planner.planAsync(text, null, NO_LABELS as Set<string>, 0);
    const documents = new Map<string, DocumentNode>();
    for (const fetch of fetchesOf(node)) {
      documents.set(fetch.operation, documentOf(fetch, schemaOf(fetch.serviceName)));
    }
    return { node, documents };
  }

  return {
    planOf(text) {
      const known = plans.get(text);
      if (known !== undefined) return known;
      const made = plan(text);
      plans.set(text, made);
      made.catch(() => plans.delete(text));
      return made;
    },
  };
}

/** What a planner makes is never the caller's fault: it is checked once, before it is sent. */
function documentOf({ operation, serviceName }: Fetch, schema: GraphQLSchema): DocumentNode {
  const document = parse(operation, { noLocation: true });
  const [error] = validate(schema, document);
  invariant(error === undefined, `a planned document fits ${serviceName}: ${error?.message}`);
  return document;
}

type Fetch = FetchNode | BatchFetchNode;

function fetchesOf(node: PlanNode | undefined): readonly Fetch[] {
  if (node === undefined) return [];
  switch (node.kind) {
    case 'Fetch':
    case 'BatchFetch':
      return [node];
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesOf);
    case 'Flatten':
      return fetchesOf(node.node);
    default:
      invariant(false, `a plan of fetches has no ${node.kind}`);
  }
}
