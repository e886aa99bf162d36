import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { FewErrors } from '../few-errors.js';
import type { JsonValues } from './arguments.js';
import { askedOf } from './asked.js';
import { complete } from './complete.js';
import type { Graph } from './graph.js';
import type { Plans } from './plans.js';
import { type Ask, runPlan } from './run.js';

/** A valid request with variables that fit. */
export interface ExecutedRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: JsonValues;
  readonly ask: Ask;
  readonly signal: AbortSignal | undefined;
}

/**
 * Answers an operation over a supergraph: puts it into a form of ours, plans it, asks the subgraphs and
 * completes the answer.
 *
 * @throws what `signal` is aborted with.
 */
export async function executeRequest(
  graph: Graph,
  plans: Plans,
  { document, operation, variables, ask, signal }: ExecutedRequest,
): Promise<ExecutionResult> {
  const caller = { operation, fragments: fragmentsOf(document), variables };
  const asked = askedOf(caller, graph);
  const joined =
    asked.text === undefined
      ? { data: {}, errors: [], few: new FewErrors() }
      : await runPlan({
          plan: await plans.planOf(asked.text),
          variables: asked.variables,
          ask,
          isOf: graph.isOf,
          signal,
        });
  return complete(caller, asked, joined, graph);
}

function fragmentsOf({ definitions }: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}
