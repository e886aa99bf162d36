import { EMPTY_LEAF } from './leaf.js';
import { SparseTree, slotValueOf, TOP_LEVELS } from './tree.js';

/** What a ledger says that one slot holds. */
export interface SlotContent {
  /** From 0. */
  readonly slot: number;
  /** Undefined while the slot is empty. */
  readonly shardRoot: bigint | undefined;
  readonly issuerLeaf: bigint;
}

/**
 * Recomputes the network root from what the slots hold, as the contract does. It remembers the tree between two
 * calls: a slot that did not change costs nothing, one that did 13 hashes.
 */
export class NetworkRoot {
  readonly #tree = new SparseTree(TOP_LEVELS);
  #known = new Map<number, SlotContent>();

  /** @param slots - each slot at most once; those that are left out are empty. @throws BAD_INPUT for no slot. */
  of(slots: readonly SlotContent[]): bigint {
    const now = new Map(slots.map((content) => [content.slot, content]));
    const gone = [...this.#known.keys()].filter((slot) => !now.has(slot));
    const changed = slots.filter((content) => !isSame(content, this.#known.get(content.slot)));
    this.#tree.setAll([
      ...gone.map((slot) => [slot, EMPTY_LEAF] as const),
      ...changed.map((content) => [content.slot, contentOf(content)] as const),
    ]);
    this.#known = now;
    return this.#tree.root;
  }
}

function contentOf({ shardRoot, issuerLeaf }: SlotContent): bigint {
  return shardRoot === undefined ? EMPTY_LEAF : slotValueOf(shardRoot, issuerLeaf);
}

function isSame(content: SlotContent, known: SlotContent | undefined): boolean {
  return (
    known !== undefined &&
    known.shardRoot === content.shardRoot &&
    known.issuerLeaf === content.issuerLeaf
  );
}
