import { GraphQLError } from 'graphql';
import type { Path } from './entities.js';
import { isAnswer, type SubgraphData } from './merge.js';
import type { PlacedError } from './run.js';

/** An error of a subgraph, and where below the place that it left empty it happened. */
export interface Cause {
  readonly error: GraphQLError;
  readonly below: Path;
}

/**
 * Stands in an answer where a subgraph had an error instead of a value: graphql-js, which completes the
 * answer, throws it there, and makes of it null as far up as the schema says.
 */
export class Failure extends GraphQLError {
  constructor(
    readonly causes: Cause[],
    /** Where it stands, by our keys. */
    readonly at: Path,
  ) {
    super('a subgraph had an error here');
  }
}

/** The errors of an answer, put where its values are missing. */
export interface Failures {
  readonly all: readonly Failure[];
  /** What is to blame for a field of this object that no subgraph answered. */
  of(object: SubgraphData): Failure | undefined;
}

/** Puts each error in the place that it left empty, in `data` itself. */
export function placeFailures(data: SubgraphData, errors: readonly PlacedError[]): Failures {
  const all: Failure[] = [];
  const byObject = new Map<SubgraphData, Failure>();

  function newFailure(error: GraphQLError, path: Path, depth: number): Failure {
    const failure = new Failure([{ error, below: path.slice(depth) }], path.slice(0, depth));
    all.push(failure);
    return failure;
  }

  for (const { error, path } of errors) {
    let at: unknown = data;
    let owner: { readonly object: SubgraphData; readonly depth: number } = {
      object: data,
      depth: 0,
    };
    for (const [i, key] of path.entries()) {
      const container = at as SubgraphData;
      at = container[key];
      if (at instanceof Failure) {
        // An entity that stands in two places is one object, and its error is one.
        if (!at.causes.some((cause) => cause.error === error)) {
          at.causes.push({ error, below: path.slice(i + 1) });
        }
        break;
      }
      if (at === null || at === undefined) {
        container[key] = newFailure(error, path, i + 1);
        at = container[key];
        break;
      }
      if (typeof at !== 'object') break;
      if (isAnswer(at)) owner = { object: at, depth: i + 1 };
    }
    if (at instanceof Failure) continue;
    const known = byObject.get(owner.object);
    if (known === undefined) byObject.set(owner.object, newFailure(error, path, owner.depth));
    else known.causes.push({ error, below: path.slice(owner.depth) });
  }
  return { all, of: (object) => byObject.get(object) };
}
