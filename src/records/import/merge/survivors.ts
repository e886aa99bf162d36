/** A merge of one patient record into another, and which of the two says so; all by key. */
export interface Merge {
  readonly saidBy: string;
  readonly replaced: string;
  readonly survivor: string;
  /** Whether the two are of different servers. */
  readonly isAcross: boolean;
}

/** Where merges lead: to one survivor each, or to a contradiction. */
export type Survivors =
  | { readonly kind: 'ONE'; readonly of: ReadonlyMap<string, string> }
  /** A chain leads back to where it began. */
  | { readonly kind: 'CIRCLE' }
  /** Two chains from one record end at different ones. */
  | { readonly kind: 'SEVERAL' };

/**
 * Follows merges to their ends. What a record says about itself counts. What others say about it
 * counts only if it says nothing, for example because it was deleted in the merge. A server cannot
 * speak for another server's patients, so a merge across two servers counts only if both records
 * state it.
 */
export function survivorsOf(merges: readonly Merge[]): Survivors {
  const steps = stepsOf(countedOf(merges));
  const ends = new Map<string, ReadonlySet<string>>();
  const of = new Map<string, string>();
  for (const replaced of steps.keys()) {
    if (!followToEnds(replaced, steps, ends)) return { kind: 'CIRCLE' };
    const [survivor, another] = ends.get(replaced) ?? [];
    if (survivor === undefined || another !== undefined) return { kind: 'SEVERAL' };
    of.set(replaced, survivor);
  }
  return { kind: 'ONE', of };
}

function countedOf(merges: readonly Merge[]): readonly Merge[] {
  const keyOf = (saidBy: string, { replaced, survivor }: Merge) =>
    JSON.stringify([saidBy, replaced, survivor]);
  const said = new Set(merges.map((merge) => keyOf(merge.saidBy, merge)));
  return merges.filter(
    (merge) =>
      !merge.isAcross ||
      (said.has(keyOf(merge.replaced, merge)) && said.has(keyOf(merge.survivor, merge))),
  );
}

function stepsOf(merges: readonly Merge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const own = new Set(
    merges.flatMap(({ saidBy, replaced }) => (saidBy === replaced ? [replaced] : [])),
  );
  const steps = new Map<string, Set<string>>();
  for (const { saidBy, replaced, survivor } of merges) {
    if (own.has(replaced) && saidBy !== replaced) continue;
    const known = steps.get(replaced);
    if (known === undefined) steps.set(replaced, new Set([survivor]));
    else known.add(survivor);
  }
  return steps;
}

/**
 * Notes where the chains from a record end, and those from every record that they pass. Not
 * recursive, because a chain can be as long as a file.
 *
 * @returns false if one of them comes back to a record that it passed.
 */
function followToEnds(
  start: string,
  steps: ReadonlyMap<string, ReadonlySet<string>>,
  ends: Map<string, ReadonlySet<string>>,
): boolean {
  const passing = new Set<string>();
  const ahead = [start];
  for (let at = ahead.at(-1); at !== undefined; at = ahead.at(-1)) {
    const further = steps.get(at);
    const open = [...(further ?? [])].filter((step) => !ends.has(step));
    if (ends.has(at) || open.length === 0) {
      const own = [...(further ?? [])].flatMap((step) => [...(ends.get(step) ?? [])]);
      ends.set(at, new Set(further === undefined ? [at] : own));
      passing.delete(at);
      ahead.pop();
      continue;
    }
    if (passing.has(at)) return false;
    passing.add(at);
    // One by one: a spread call with as many arguments as a file has links would overflow the
    // stack.
    for (const step of open) ahead.push(step);
  }
  return true;
}
