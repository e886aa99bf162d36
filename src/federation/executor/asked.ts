import {
  doTypesOverlap,
  type FieldNode,
  type GraphQLCompositeType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { invariant } from '../../core/errors.js';
import { argumentsOf, type JsonValues, variablesOf } from './arguments.js';
import { type AskedSet, newAskedSet, printAsked } from './asked-set.js';
import type { Graph } from './graph.js';
import { isLeftOut } from './left-out.js';
import { createNames, type Names } from './names.js';
import type { Operation } from './operation.js';

/** What is asked of the subgraphs for a caller's operation. */
export interface Asked {
  /** A document without a fragment spread, a directive or a literal; undefined if no subgraph is needed. */
  readonly text: string | undefined;
  readonly variables: JsonValues;
  /** Under which key of ours the answer to a caller's field stands. None for a field that was not asked for. */
  readonly keys: ReadonlyMap<FieldNode, string>;
}

/**
 * Puts a caller's operation into a form of ours: what is left out is gone, what is asked for twice is
 * asked for once, and no alias of a caller's can meet a field that the planner adds. Operations that
 * differ in values and aliases alone come to the same text, and so to one plan.
 */
export function askedOf(caller: Operation, graph: Graph): Asked {
  const { operation } = caller;
  const { apiSchema: schema } = graph;
  const root = schema.getRootType(operation.operation);
  invariant(root !== undefined && root !== null, 'the graph has a root type for the operation');
  const names = createNames();
  const variables = variablesOf(schema, operation, caller.variables);
  const collector: Collector = { ...caller, variables, names, graph, keys: new Map() };
  const asked = newAskedSet(root);
  collect(collector, asked, operation.selectionSet, root);
  const selections = printAsked(asked);
  const text =
    selections === undefined
      ? undefined
      : `${operation.operation}${names.definitions()} ${selections}`;
  return { text, variables: names.values, keys: collector.keys };
}

interface Collector extends Operation {
  readonly names: Names;
  readonly graph: Graph;
  readonly keys: Map<FieldNode, string>;
}

/** @param parent - the type that the selections are written on; `into` may be one of its kinds. */
function collect(
  collector: Collector,
  into: AskedSet,
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
): void {
  for (const selection of selections) {
    if (isLeftOut(selection, collector.variables)) continue;
    if (selection.kind === Kind.FIELD) collectField(collector, into, selection, parent);
    else collectFragment(collector, into, selection, parent);
  }
}

function collectFragment(
  collector: Collector,
  into: AskedSet,
  selection: Exclude<SelectionNode, FieldNode>,
  parent: GraphQLCompositeType,
): void {
  const { fragments, graph } = collector;
  const { apiSchema: schema } = graph;
  let fragment: { readonly selectionSet: SelectionSetNode; readonly typeCondition?: unknown };
  let condition: GraphQLCompositeType = parent;
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    const name = selection.name.value;
    if (into.spread.has(name)) return;
    into.spread.add(name);
    const spread = fragments.get(name);
    invariant(spread !== undefined, 'a valid document defines what it spreads');
    fragment = spread;
    condition = schema.getType(spread.typeCondition.name.value) as GraphQLCompositeType;
  } else {
    fragment = selection;
    const narrower = selection.typeCondition?.name.value;
    if (narrower !== undefined) condition = schema.getType(narrower) as GraphQLCompositeType;
  }
  if (!doTypesOverlap(schema, into.type, condition)) return;
  collect(collector, within(collector, into, condition), fragment.selectionSet, condition);
}

/** The set itself if all that is in it is of a type, or the part of it that is. */
function within(
  { graph: { apiSchema: schema } }: Collector,
  into: AskedSet,
  type: GraphQLCompositeType,
): AskedSet {
  const isAll =
    type === into.type ||
    (isAbstractType(type) && !isUnionType(into.type) && schema.isSubType(type, into.type));
  if (isAll) return into;
  const known = into.narrowed.get(type.name);
  if (known !== undefined) return known;
  const part = newAskedSet(type);
  into.narrowed.set(type.name, part);
  // What is asked of some kinds alone, be it nothing but their name, is completed by each object's own.
  into.hasTypename = true;
  return part;
}

function collectField(
  collector: Collector,
  into: AskedSet,
  node: FieldNode,
  parent: GraphQLCompositeType,
): void {
  const { operation, names, keys, graph, variables } = collector;
  const name = node.name.value;
  if (name === '__typename') into.hasTypename = true;
  // What GraphQL itself answers is no question to a subgraph.
  if (name.startsWith('__') || isUnionType(parent)) return;
  const field = parent.getFields()[name];
  invariant(field !== undefined, 'a valid document asks for fields that there are');
  const values = argumentsOf(field, node, variables);
  if (values === undefined) return;
  // Each field of a mutation is carried out, also if it is written twice.
  const isCarriedOut =
    operation.operation === 'mutation' && into.type === graph.apiSchema.getMutationType();
  const once = isCarriedOut ? (node.alias ?? node.name).value : '';
  const shape = graph.shapeOf(parent, name);
  // Kinds that have it with unlike types are completed each with its own.
  if (shape !== '') into.hasTypename = true;
  const named = names.nameOf({ field, values, shape, once });
  keys.set(node, named.key);
  let asked = into.fields.get(named.key);
  if (asked === undefined) {
    // Where the set is of a kind of the parent's, its own field may have a narrower type.
    const own = isUnionType(into.type) ? undefined : into.type.getFields()[name];
    const type = getNamedType((own ?? field).type);
    const below = isCompositeType(type) ? newAskedSet(type) : undefined;
    if (below !== undefined && graph.hidden.has(type.name)) below.hasTypename = true;
    asked = { head: named.head, below };
    into.fields.set(named.key, asked);
  }
  const { below } = asked;
  if (below === undefined || node.selectionSet === undefined) return;
  collect(collector, below, node.selectionSet, getNamedType(field.type) as GraphQLCompositeType);
}
