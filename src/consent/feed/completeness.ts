import type { InstitutionId } from '../../core/ids.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Bytes32 } from '../base/digest.js';

/** How long a copy may be behind what its institution anchored before no consent is served. */
export const FEED_GAP_MS = 120_000;

/** Digests remembered per institution; only the one on the ledger matters. */
const DIGESTS_KEPT = 64;

/**
 * Which anchored digests this node's copies of the feeds reach, in memory: every request asks.
 *
 * A suspended institution counts as an active one does: what it withdrew before it was suspended is
 * withdrawn. Nothing counts as complete until it was complete once in this process: a node that was
 * down, or restored from a backup, would otherwise serve without the withdrawals of the time between.
 */
export class FeedCompleteness {
  readonly #digests = new Map<InstitutionId, Set<Bytes32>>();
  readonly #completeAtMs = new Map<InstitutionId, number>();

  /**
   * The feed's copy holds everything that this digest of that institution commits to. Another's
   * digest is covered only once the ledger has it, so that nobody chooses what is remembered here.
   */
  cover(institution: InstitutionId, digest: Bytes32): void {
    const known = this.#digests.get(institution) ?? new Set();
    this.#digests.set(institution, known);
    known.delete(digest);
    known.add(digest);
    for (const oldest of known) {
      if (known.size <= DIGESTS_KEPT) break;
      known.delete(oldest);
    }
  }

  /** Whether the copy reaches what the institution anchored last; true before its first anchor. */
  isComplete({ id, lastAnchor }: LedgerInstitution): boolean {
    return lastAnchor === undefined || this.covers(id, lastAnchor.digest);
  }

  covers(institution: InstitutionId, digest: Bytes32): boolean {
    return this.#digests.get(institution)?.has(digest) === true;
  }

  /** Notes which copies are complete now, and returns the institutions of those behind too long. */
  gaps(institutions: readonly LedgerInstitution[], nowMs: number): InstitutionId[] {
    const gaps: InstitutionId[] = [];
    for (const institution of institutions) {
      if (this.isComplete(institution)) {
        this.#noteComplete(institution, nowMs);
        continue;
      }
      const completeAtMs = this.#completeAtMs.get(institution.id);
      if (completeAtMs === undefined || nowMs - completeAtMs > FEED_GAP_MS) {
        gaps.push(institution.id);
      }
    }
    return gaps;
  }

  #noteComplete({ id, lastAnchor }: LedgerInstitution, nowMs: number): void {
    this.#completeAtMs.set(id, nowMs);
    // Remembered as the newest: digests prepared and never anchored must not push it out.
    if (lastAnchor !== undefined) this.cover(id, lastAnchor.digest);
  }
}
