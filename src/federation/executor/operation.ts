import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { JsonValues } from './arguments.js';

/** A caller's operation, valid for the graph, with variables that fit. */
export interface Operation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: JsonValues;
}
