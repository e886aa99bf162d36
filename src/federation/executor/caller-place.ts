import { type FieldNode, Kind, type SelectionSetNode } from 'graphql';
import type { Path } from './entities.js';
import type { Operation } from './operation.js';

/** Where something is in a caller's answer, and which field of the caller's it is. */
export interface CallerPlace {
  readonly path: Path;
  readonly node: FieldNode | undefined;
}

/**
 * Says in the caller's words where a path of ours is: in its aliases. A part that no field of the caller's
 * stands for, such as a key that only the planner asked for, ends it.
 */
export function callerPlaceOf(
  sets: readonly (SelectionSetNode | undefined)[],
  path: Path,
  fragments: Operation['fragments'],
  keys: ReadonlyMap<FieldNode, string>,
): CallerPlace {
  const place: (string | number)[] = [];
  let node: FieldNode | undefined;
  let within = sets;
  for (const key of path) {
    if (typeof key === 'number') {
      place.push(key);
      continue;
    }
    const nodes = fieldsOf(within, fragments).filter((field) => keys.get(field) === key);
    const [first] = nodes;
    if (first === undefined) break;
    node = first;
    place.push((first.alias ?? first.name).value);
    within = nodes.map(({ selectionSet }) => selectionSet);
  }
  return { path: place, node };
}

/** The fields of selection sets, each fragment once. */
function fieldsOf(
  sets: readonly (SelectionSetNode | undefined)[],
  fragments: Operation['fragments'],
): readonly FieldNode[] {
  const fields: FieldNode[] = [];
  const seen = new Set<string>();
  const left = [...sets];
  for (let set = left.shift(); set !== undefined || left.length > 0; set = left.shift()) {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) left.push(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        left.push(fragments.get(selection.name.value)?.selectionSet);
      }
    }
  }
  return fields;
}
