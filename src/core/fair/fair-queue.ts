interface Branch<Item> {
  readonly below: Map<string, Branch<Item>>;
  readonly items: Set<Item>;
  /** Of all items under this branch. */
  weight: number;
}

/** Where an item waits, from the widest name to the narrowest. All paths of a queue are as long. */
export type Path = readonly string[];

/**
 * Items that wait under a path, for example gateway and holder, and are served in turn: at each level
 * of the path every branch has one turn, then the next. So many items under one branch take from that
 * branch's own turns, and from nobody else's.
 */
export class FairQueue<Item> {
  readonly #root: Branch<Item> = newBranch();

  /** The weight of all that waits. */
  get weight(): number {
    return this.#root.weight;
  }

  /** Puts an item at the end of the items of its path. */
  add(path: Path, item: Item, weight: number): void {
    let branch = this.#root;
    branch.weight += weight;
    for (const name of path) {
      const below = branch.below.get(name) ?? newBranch<Item>();
      branch.below.set(name, below);
      below.weight += weight;
      branch = below;
    }
    branch.items.add(item);
  }

  /**
   * The item whose turn it is; undefined if nothing waits. It stays in the queue, with its next turn
   * behind the others, until it is removed.
   */
  next(): Item | undefined {
    let branch = this.#root;
    for (let first = firstOf(branch.below); first !== undefined; first = firstOf(branch.below)) {
      const [name, below] = first;
      branch.below.delete(name);
      branch.below.set(name, below);
      branch = below;
    }
    const [item] = branch.items;
    if (item === undefined) return undefined;
    branch.items.delete(item);
    branch.items.add(item);
    return item;
  }

  /** Notes that the items of a path weigh so much less. */
  lighten(path: Path, weight: number): void {
    for (const branch of this.#along(path)) branch.weight -= weight;
  }

  /** Takes out an item that weighs so much, and every branch that is empty without it. */
  remove(path: Path, item: Item, weight: number): void {
    const branches = this.#along(path);
    branches.at(-1)?.items.delete(item);
    for (const branch of branches) branch.weight -= weight;
    for (let depth = path.length; depth > 0; depth -= 1) {
      const branch = branches[depth];
      if (branch === undefined || branch.items.size > 0 || branch.below.size > 0) break;
      branches[depth - 1]?.below.delete(path[depth - 1] ?? '');
    }
  }

  /** What waits under a path, in no order that matters. */
  under(path: Path): readonly Item[] {
    return [...(this.#along(path)[path.length]?.items ?? [])];
  }

  /**
   * The newest item of those who take the most room: the heaviest branch at each level of the path.
   *
   * @returns undefined if a newcomer of that path and weight would itself be of the heaviest.
   */
  heaviestBeside(path: Path, weight: number): Item | undefined {
    const own = this.#along(path);
    let branch = this.#root;
    for (let depth = 1; depth <= path.length; depth += 1) {
      const heaviest = heaviestOf(branch.below.values());
      const ownBranch = branch === own[depth - 1] ? own[depth] : undefined;
      const ownWeight = branch === own[depth - 1] ? (ownBranch?.weight ?? 0) + weight : 0;
      if (heaviest === undefined) return undefined;
      if (heaviest !== ownBranch && ownWeight >= heaviest.weight) return undefined;
      branch = heaviest;
    }
    return branch === own[path.length] ? undefined : [...branch.items].at(-1);
  }

  /** The branches of a path that are there, the root first. */
  #along(path: Path): readonly Branch<Item>[] {
    const branches = [this.#root];
    for (const name of path) {
      const below = branches.at(-1)?.below.get(name);
      if (below === undefined) break;
      branches.push(below);
    }
    return branches;
  }
}

function newBranch<Item>(): Branch<Item> {
  return { below: new Map(), items: new Set(), weight: 0 };
}

function firstOf<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] | undefined {
  const [first] = map;
  return first;
}

function heaviestOf<Item>(branches: Iterable<Branch<Item>>): Branch<Item> | undefined {
  let heaviest: Branch<Item> | undefined;
  for (const branch of branches) {
    if (heaviest === undefined || branch.weight > heaviest.weight) heaviest = branch;
  }
  return heaviest;
}
