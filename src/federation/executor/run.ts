import type {
  BatchFetchNode,
  FetchNode,
  FlattenNodePathSegment,
  PlanNode,
} from '@graphql-hive/router-query-planner';
import type { DocumentNode, ExecutionResult, GraphQLError } from 'graphql';
import { invariant } from '../../core/errors.js';
import { FewErrors } from '../few-errors.js';
import type { JsonValues } from './arguments.js';
import {
  gatherTargets,
  mergeEntities,
  type Path,
  questionsOf,
  Representations,
  type Target,
} from './entities.js';
import type { IsOf } from './graph.js';
import { mergeInto, type SubgraphData } from './merge.js';
import type { Plan } from './plans.js';
import { renamedKeys, rewrite } from './rewrites.js';

/** Asks a subgraph. */
export type Ask = (
  subgraph: string,
  document: DocumentNode,
  variables: JsonValues,
) => ExecutionResult | Promise<ExecutionResult>;

export interface Running {
  readonly plan: Plan;
  readonly variables: JsonValues;
  readonly ask: Ask;
  readonly isOf: IsOf;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
}

/** An error of a subgraph, with its place in the whole answer, by our keys. */
export interface PlacedError {
  readonly error: GraphQLError;
  readonly path: Path;
}

/** What the subgraphs answered, joined, by the keys of the document that was planned. */
export interface Joined {
  readonly data: SubgraphData;
  /** Those that are told. */
  readonly errors: readonly PlacedError[];
  readonly few: FewErrors;
}

/** Carries out a plan. @throws the signal's reason once it is aborted. */
export async function runPlan(running: Running): Promise<Joined> {
  const run: Run = { ...running, data: {}, errors: [], few: new FewErrors() };
  if (running.plan.node !== undefined) await runNode(run, running.plan.node, undefined);
  return run;
}

interface Run extends Running {
  readonly data: SubgraphData;
  readonly errors: PlacedError[];
  readonly few: FewErrors;
}

async function runNode(
  run: Run,
  node: PlanNode,
  path: readonly FlattenNodePathSegment[] | undefined,
): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const one of node.nodes) await runNode(run, one, path);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((one) => runNode(run, one, path)));
      return;
    case 'Flatten':
      await runNode(run, node.node, node.path);
      return;
    case 'Fetch':
    case 'BatchFetch': {
      const questions = questionsOf(node, path);
      if (questions.length > 0) await fetchEntities(run, node, questions);
      else await fetchRoot(run, node as FetchNode);
      return;
    }
    default:
      invariant(false, `a plan of fetches has no ${node.kind}`);
  }
}

async function fetchRoot(run: Run, fetch: FetchNode): Promise<void> {
  const { data, errors = [] } = await ask(run, fetch, {});
  const renamed = renamedKeys(fetch.outputRewrites);
  for (const error of errors) {
    if (!run.few.takes(error)) continue;
    run.errors.push({ error, path: renamePath(error.path ?? [], renamed) });
  }
  if (data === null || data === undefined) return;
  rewrite(data, fetch.outputRewrites, run.isOf);
  mergeInto(run.data, data);
}

async function fetchEntities(
  run: Run,
  fetch: FetchNode | BatchFetchNode,
  questions: ReturnType<typeof questionsOf>,
): Promise<void> {
  const byVariable = new Map<string, Representations>();
  const gathered = questions.map((question) => {
    const variable = question.representationsVariableName;
    const representations = byVariable.get(variable) ?? new Representations();
    byVariable.set(variable, representations);
    return { question, targets: gatherTargets(question, run.data, representations, run.isOf) };
  });
  if (gathered.every(({ targets }) => targets.length === 0)) return;
  const given = Object.fromEntries([...byVariable].map(([name, { all }]) => [name, all]));
  const { data, errors = [] } = await ask(run, fetch, given);
  for (const { question, targets } of gathered) {
    const renamed = renamedKeys(question.outputRewrites);
    const byIndex = errors.length === 0 ? undefined : byRepresentation(targets);
    for (const error of errors) {
      const [field, index, ...below] = error.path ?? [];
      if (field !== undefined && field !== question.alias) continue;
      const reached = typeof index === 'number' ? byIndex?.get(index) : targets;
      placeError(run, error, reached ?? [], renamePath(below, renamed));
    }
    if (data !== null && data !== undefined) mergeEntities(question, targets, data, run.isOf);
  }
}

function byRepresentation(targets: readonly Target[]): ReadonlyMap<number, readonly Target[]> {
  const byIndex = new Map<number, Target[]>();
  for (const target of targets) {
    const same = byIndex.get(target.index);
    if (same === undefined) byIndex.set(target.index, [target]);
    else same.push(target);
  }
  return byIndex;
}

/** An error of one representation is an error wherever that entity stands; of a whole fetch, wherever it was needed. */
function placeError(
  { errors, few }: Run,
  error: GraphQLError,
  targets: readonly Target[],
  below: Path,
): void {
  for (const [i, { path }] of targets.entries()) {
    // Nothing that is not told today is told at a later target: those are counted at once.
    if (!few.takes(error, targets.length - i)) return;
    errors.push({ error, path: [...path, ...below] });
  }
}

function renamePath(path: Path, renamed: ReadonlyMap<string, string>): Path {
  if (renamed.size === 0) return path;
  return path.map((key) => (typeof key === 'string' ? (renamed.get(key) ?? key) : key));
}

async function ask(
  { plan, variables, ask: askSubgraph, signal }: Run,
  { operation, serviceName, variableUsages = [] }: FetchNode | BatchFetchNode,
  given: JsonValues,
): Promise<ExecutionResult> {
  signal?.throwIfAborted();
  const document = plan.documents.get(operation);
  invariant(document !== undefined, 'a plan has the document of each of its fetches');
  const all: Record<string, unknown> = { ...given };
  for (const name of variableUsages) if (name in variables) all[name] = variables[name];
  const result = await askSubgraph(serviceName, document, all);
  // What came after nobody waited is not looked at.
  signal?.throwIfAborted();
  return result;
}
