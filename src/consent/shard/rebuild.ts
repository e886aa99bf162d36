import { sql } from 'drizzle-orm';
import { codeOf } from '../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../../store/database.js';
import { areEqualBytes, ELEMENT_BYTES } from '../base/element.js';
import { hashUpwards, type LevelChange, touchedPages } from './change.js';
import {
  emptyPages,
  levelOffset,
  PAGE_BYTES,
  PAGE_LEVELS,
  PAGE_WIDTH,
  pageAt,
  TIERS,
  type TierPages,
} from './page.js';
import { readPages } from './page-store.js';

/** Leaves hashed at once: what one page of the tier below the uppermost stands over. */
const BLOCK_TIERS = TIERS - 1;
export const BLOCK_LEAVES = 2 ** (BLOCK_TIERS * PAGE_LEVELS);

/** A place in the shard: level 0 holds the leaves, level 20 the root. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/** Reads leaves in a range without gaps, the pad at index 0 among them: values for all of it. */
export type LeafSource = (range: {
  readonly from: number;
  readonly until: number;
}) => Promise<LevelChange>;

/** The recomputed shard, and how what is stored differs from it. */
export interface Rebuilt {
  /** Of the leaves given; undefined if one of them is no field element. */
  readonly shardRoot: Uint8Array | undefined;
  /** The first in the order of levels within each block of leaves; undefined if none differs. */
  readonly firstWrong: NodePlace | undefined;
  readonly wrongNodes: number;
  /** What the pages that differ should hold. */
  readonly wrongPages: readonly TierPages[];
  /** Pages above which there is no leaf. */
  readonly strayPages: readonly { readonly tier: number; readonly number: number }[];
}

/**
 * Hashes the whole shard from its leaves, a block at a time, and compares every stored page. Half a
 * minute for a full shard; requests are served meanwhile.
 *
 * @param until - how many leaves there are, the pad among them.
 */
export async function rebuildShard(
  tx: SqlTransaction,
  until: number,
  leavesIn: LeafSource,
): Promise<Rebuilt> {
  const found = new Comparison(tx);
  const roots: LevelChange[] = [];
  try {
    for (let from = 0; from < until; from += BLOCK_LEAVES) {
      const range = { from, until: Math.min(from + BLOCK_LEAVES, until) };
      roots.push(await found.compare(await leavesIn(range), 0, BLOCK_TIERS));
    }
    const below = {
      indexes: roots.flatMap(({ indexes }) => indexes),
      hashes: Buffer.concat(roots.map(({ hashes }) => hashes)),
    };
    const { hashes } = await found.compare(below, BLOCK_TIERS, TIERS);
    return { ...found.result(), shardRoot: hashes, strayPages: await readStray(tx, until) };
  } catch (thrown) {
    if (codeOf(thrown) !== 'FIELD_OUT_OF_RANGE') throw thrown;
    return { ...found.result(), shardRoot: undefined, strayPages: [] };
  }
}

/** Collects what differs between the stored pages and those that leaves are hashed into. */
class Comparison {
  readonly #tx: SqlTransaction;
  readonly #wrongPages: TierPages[] = [];
  #firstWrong: NodePlace | undefined;
  #wrongNodes = 0;

  constructor(tx: SqlTransaction) {
    this.#tx = tx;
  }

  /** Hashes nodes through the tiers from one up to and without another. */
  async compare(below: LevelChange, from: number, until: number): Promise<LevelChange> {
    const numbers = touchedPages(below.indexes, until - from);
    const pages = numbers.map((touched, i) => emptyPages(from + i, touched));
    const roots = await hashUpwards(below, pages);
    for (const tier of pages) this.#note(tier, await readPages(this.#tx, tier.tier, tier.numbers));
    return roots;
  }

  result() {
    const [firstWrong, wrongNodes] = [this.#firstWrong, this.#wrongNodes];
    return { firstWrong, wrongNodes, wrongPages: this.#wrongPages };
  }

  #note(computed: TierPages, stored: TierPages): void {
    const wrong = computed.numbers.flatMap((number, position) => {
      const [page, kept] = [pageAt(computed, position), pageAt(stored, position)];
      if (areEqualBytes(page, kept)) return [];
      for (const place of differingNodes({ tier: computed.tier, number }, page, kept)) {
        this.#firstWrong ??= place;
        this.#wrongNodes += 1;
      }
      return [{ number, page }];
    });
    if (wrong.length === 0) return;
    this.#wrongPages.push({
      tier: computed.tier,
      numbers: wrong.map(({ number }) => number),
      nodes: Buffer.concat(wrong.map(({ page }) => page)),
    });
  }
}

function differingNodes(
  at: { readonly tier: number; readonly number: number },
  page: Uint8Array,
  kept: Uint8Array,
): NodePlace[] {
  const places: NodePlace[] = [];
  for (let offset = 0; offset < PAGE_BYTES; offset += ELEMENT_BYTES) {
    const end = offset + ELEMENT_BYTES;
    if (areEqualBytes(page.subarray(offset, end), kept.subarray(offset, end))) continue;
    const local = Array.from({ length: PAGE_LEVELS }, (_, level) => level).findLastIndex(
      (level) => levelOffset(level) <= offset,
    );
    const within = (offset - levelOffset(local)) / ELEMENT_BYTES;
    const width = PAGE_WIDTH / 2 ** local;
    places.push({ level: at.tier * PAGE_LEVELS + local, index: at.number * width + within });
  }
  return places;
}

async function readStray(tx: SqlTransaction, until: number): Promise<Rebuilt['strayPages']> {
  const last = touchedPages([until - 1], TIERS).map(([number]) => number ?? 0);
  const result = await tx.execute(sql`
    SELECT tier, number FROM register_page
    WHERE tier NOT BETWEEN 0 AND ${TIERS - 1} OR number < 0 OR number > CASE tier
      ${sql.join(
        last.map((number, tier) => sql`WHEN ${tier}::int THEN ${number}::int`),
        sql` `,
      )} END
    ORDER BY tier, number`);
  return rowsOf<{ tier: number; number: number }>(result);
}
