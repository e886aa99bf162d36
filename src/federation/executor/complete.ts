import {
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
  getNamedType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import { errorsNotTold, FewErrors } from '../few-errors.js';
import type { Asked } from './asked.js';
import { type CallerPlace, callerPlaceOf } from './caller-place.js';
import { Failure, type Failures, placeFailures } from './failures.js';
import { type Graph, hide } from './graph.js';
import { merged, type SubgraphData } from './merge.js';
import type { Operation } from './operation.js';
import type { Joined } from './run.js';

/**
 * Makes the caller's answer of what the subgraphs answered: graphql-js executes the caller's operation
 * over it, so aliases, repeated fields, kinds, `__typename`, introspection and where null goes are as
 * GraphQL says. Each error of a subgraph has the caller's path.
 */
export function complete(
  operation: Operation,
  { keys }: Asked,
  joined: Joined,
  graph: Graph,
): ExecutionResult {
  const failures = placeFailures(joined.data, joined.errors);
  const { fragments, variables } = operation;
  const result = execute({
    schema: graph.answerSchema,
    document: {
      kind: Kind.DOCUMENT,
      definitions: [operation.operation, ...fragments.values()],
    },
    rootValue: joined.data,
    variableValues: variables,
    fieldResolver: (source: SubgraphData, _values, _context, info) =>
      answerOf(source, info, { keys, failures, graph }),
    typeResolver: kindOf,
  }) as ExecutionResult;
  const errors = toldErrors(result.errors ?? [], failures, { operation, keys, few: joined.few });
  return errors.length === 0 ? result : { ...result, errors };
}

interface Completing {
  readonly keys: Asked['keys'];
  readonly failures: Failures;
  readonly graph: Graph;
}

/** Where an object's kind was not asked for, any that it may be is completed alike: see asked.ts. */
const kindOf: GraphQLTypeResolver<SubgraphData, unknown> = (
  { __typename },
  _context,
  { schema },
  type,
) => {
  if (typeof __typename === 'string' && isObjectType(schema.getType(__typename))) return __typename;
  return schema.getPossibleTypes(type)[0]?.name;
};

/**
 * Nothing came for a field, and an error that is told says why: a subgraph that fails at one field
 * may also null its siblings.
 */
class Unanswered extends Error {}

/** One for all: each of its own would take a stack. */
const UNANSWERED = new Unanswered();

/** @throws the failure that is to blame for a field without a value. */
function answerOf(
  source: SubgraphData,
  { fieldNodes, returnType }: GraphQLResolveInfo,
  { keys, failures, graph }: Completing,
): unknown {
  // Two fields of a caller's that come to one answer may have been asked for under two keys: shapes.ts.
  let value: unknown;
  let known: string | undefined;
  for (const node of fieldNodes) {
    const key = keys.get(node);
    if (key === undefined || key === known) continue;
    value = known === undefined ? source[key] : merged(value, source[key]);
    known = key;
  }
  if (value !== undefined) {
    const hidden =
      graph.hidden.size === 0 ? undefined : graph.hidden.get(getNamedType(returnType).name);
    return hidden === undefined ? value : hide(value, hidden);
  }
  if (failures.all.length === 0) return null;
  const failure = failures.of(source);
  // What is not told anyway is not thrown where null is allowed: a throw costs more than a row.
  if (failure === undefined && !isNonNullType(returnType)) return null;
  throw failure ?? UNANSWERED;
}

interface Telling {
  readonly operation: Operation;
  readonly keys: Asked['keys'];
  /** Which of the subgraphs' errors were kept. */
  readonly few: FewErrors;
}

/** The errors of an answer as its caller is told them: what is not told of a subgraph's is counted. */
function toldErrors(
  errors: readonly GraphQLError[],
  failures: Failures,
  { operation: { operation, fragments }, keys, few: kept }: Telling,
): readonly GraphQLError[] {
  const met = new Set<unknown>();
  const told: GraphQLError[] = [];
  const few = new FewErrors();
  for (const error of errors) {
    const { originalError: failure, nodes = [], path = [] } = error;
    if (failure instanceof Unanswered) continue;
    if (!(failure instanceof Failure)) {
      if (few.takes(error)) told.push(error);
      continue;
    }
    met.add(failure);
    const sets = nodes.map((node) => ('selectionSet' in node ? node.selectionSet : undefined));
    for (const cause of failure.causes) {
      if (!few.takes(cause.error)) continue;
      const below = callerPlaceOf(sets, cause.below, fragments, keys);
      const place = { path: [...path, ...below.path], node: below.node };
      told.push(tell(cause.error, place, nodes));
    }
  }
  // graphql-js stops at the first error that makes null of what the others stand in.
  for (const failure of failures.all) {
    if (met.has(failure)) continue;
    for (const { error, below } of failure.causes) {
      if (!few.takes(error)) continue;
      const path = [...failure.at, ...below];
      told.push(tell(error, callerPlaceOf([operation.selectionSet], path, fragments, keys), []));
    }
  }
  return [...told, ...errorsNotTold(kept.notTold + few.notTold)];
}

function tell(
  error: GraphQLError,
  { path, node }: CallerPlace,
  nodes: GraphQLError['nodes'] & {},
): GraphQLError {
  const { message, extensions } = error;
  return new GraphQLError(message, {
    nodes: node === undefined ? nodes : [node],
    path,
    originalError: error,
    extensions,
  });
}
