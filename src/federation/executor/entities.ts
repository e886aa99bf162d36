import type {
  BatchFetchNode,
  EntityBatchAlias,
  FetchNode,
  FlattenNodePathSegment,
  RequiresSelection,
} from '@graphql-hive/router-query-planner';
import { invariant } from '../../core/errors.js';
import type { IsOf } from './graph.js';
import { isAnswer, mergeInto, type SubgraphData } from './merge.js';
import { rewrite } from './rewrites.js';

export type Path = readonly (string | number)[];

/** One `_entities` field of a fetch: under which key it is answered, and of which objects it knows more. */
export type EntityQuestion = EntityBatchAlias;

/** A place in the answer, and which of the representations stands for what is there. */
export interface Target {
  readonly object: SubgraphData;
  readonly path: Path;
  readonly index: number;
}

/** What a fetch asks of entities; none if it asks the root. */
export function questionsOf(
  fetch: FetchNode | BatchFetchNode,
  path: readonly FlattenNodePathSegment[] | undefined,
): readonly EntityQuestion[] {
  if (fetch.kind === 'BatchFetch') return fetch.entityBatch.aliases;
  const { requires, inputRewrites = [], outputRewrites = [] } = fetch;
  if (path === undefined || requires === undefined) return [];
  return [
    {
      alias: '_entities',
      representationsVariableName: 'representations',
      paths: [[...path]],
      requires,
      inputRewrites,
      outputRewrites,
    },
  ];
}

/** The representations of one variable, each once. */
export class Representations {
  readonly all: SubgraphData[] = [];
  readonly #indexes = new Map<string, number>();

  /** @returns where it stands among the others. */
  add(representation: SubgraphData): number {
    const text = JSON.stringify(representation);
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    const index = this.all.push(representation) - 1;
    this.#indexes.set(text, index);
    return index;
  }
}

/** Finds the objects of which a question may learn more, and adds what represents them. */
export function gatherTargets(
  question: EntityQuestion,
  data: SubgraphData,
  representations: Representations,
  isOf: IsOf,
): readonly Target[] {
  const { paths, requires, inputRewrites } = question;
  const targets: Target[] = [];
  for (const path of paths) {
    visit(data, path, [], isOf, (object, at) => {
      if (object.__typename === undefined) return;
      const representation = representationOf(object, requires, isOf);
      if (representation === undefined) return;
      rewrite(representation, inputRewrites, isOf);
      targets.push({ object, path: at, index: representations.add(representation) });
    });
  }
  return targets;
}

/** Adds to each object what was answered for what represents it. */
export function mergeEntities(
  { alias, outputRewrites }: EntityQuestion,
  targets: readonly Target[],
  answer: SubgraphData,
  isOf: IsOf,
): void {
  const rows = answer[alias];
  if (!Array.isArray(rows)) return;
  rewrite(rows, outputRewrites, isOf);
  for (const { object, index } of targets) {
    const row: unknown = rows[index];
    if (isAnswer(row)) mergeInto(object, row);
  }
}

function visit(
  at: unknown,
  path: readonly FlattenNodePathSegment[],
  place: Path,
  isOf: IsOf,
  found: (object: SubgraphData, place: Path) => void,
): void {
  if (Array.isArray(at)) {
    // A planner's `@` says that here is a list, and lists say it themselves.
    const rest = path[0] === '@' ? path.slice(1) : path;
    for (const [i, item] of at.entries()) visit(item, rest, [...place, i], isOf, found);
    return;
  }
  const [segment, ...rest] = path;
  if (!isAnswer(at)) return;
  if (segment === undefined) found(at, place);
  else if (segment === '@') return;
  else if ('Field' in segment) {
    visit(at[segment.Field], rest, [...place, segment.Field], isOf, found);
  } else if (isOf(at.__typename, segment.TypeCondition)) visit(at, rest, place, isOf, found);
}

/** @returns undefined where nothing is known that could represent an object, or it is of another kind. */
function representationOf(
  object: SubgraphData,
  requires: readonly RequiresSelection[],
  isOf: IsOf,
): SubgraphData | undefined {
  const representation = required(object, requires, isOf);
  const isKnown = Object.entries(representation).some(
    ([key, value]) => key !== '__typename' && value !== null,
  );
  if (!isKnown) return undefined;
  representation.__typename ??= object.__typename;
  return representation;
}

function required(
  object: SubgraphData,
  requires: readonly RequiresSelection[],
  isOf: IsOf,
): SubgraphData {
  const result: SubgraphData = {};
  for (const selection of requires) {
    if (selection.kind === 'InlineFragment') {
      if (!isOf(object.__typename, [selection.typeCondition])) continue;
      mergeInto(result, required(object, selection.selections, isOf));
      continue;
    }
    invariant(selection.kind === 'Field', 'what a fetch requires spreads no fragment');
    const { name, alias = name, selections } = selection;
    // Where the planner asked for it under a name of its own, that name is `name`.
    const value = object[name] === undefined ? object[alias] : object[name];
    if (value === undefined) continue;
    result[alias] = selections === undefined ? value : requiredOf(value, selections, isOf);
  }
  return result;
}

function requiredOf(value: unknown, selections: readonly RequiresSelection[], isOf: IsOf): unknown {
  if (Array.isArray(value)) return value.map((item) => requiredOf(item, selections, isOf));
  return isAnswer(value) ? required(value, selections, isOf) : null;
}
