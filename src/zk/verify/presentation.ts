import type { ErrorCode } from '../../core/error-codes.js';
import type { Path } from '../../core/fair/fair-queue.js';
import type { NamedKey } from './messages.js';
import { PACKED_BYTES } from './packed-proof.js';
import type { ProofVerdict } from './verify-batch.js';

/** What became of a proof: the equation's verdict, or why it was not reached. */
export type ProofDecision = ProofVerdict | UndecidedCode;
export type UndecidedCode = Extract<
  ErrorCode,
  'VERIFYING_TIMEOUT' | 'VERIFIER_FAILED' | 'RATE_LIMITED'
>;

/** Proofs of one presentation that are judged in one turn. */
export interface Slice {
  /** Place of its first proof in the presentation. */
  readonly first: number;
  readonly count: number;
  readonly proofs: Uint8Array;
}

/** Proofs that one caller showed at once, while they are being judged slice by slice. */
export class Presentation {
  readonly key: NamedKey;
  readonly path: Path;
  /** Whose standing it goes by; undefined for a caller that proved no name. */
  readonly name: string | undefined;
  /** When what still waits is given up, by performance.now(). */
  readonly endsMs: number;
  /** Settles once every proof is decided or given up. */
  readonly settled: Promise<readonly ProofDecision[]>;
  readonly #proofs: readonly Uint8Array[];
  readonly #decisions: ProofDecision[];
  readonly #settle: (decisions: readonly ProofDecision[]) => void;
  #next = 0;
  #underWay = 0;

  /**
   * @param where - where it waits, by whose standing, and until when.
   * @param proofs - packed; at least one.
   */
  constructor(
    key: NamedKey,
    where: Pick<Presentation, 'path' | 'name' | 'endsMs'>,
    proofs: readonly Uint8Array[],
  ) {
    this.key = key;
    this.path = where.path;
    this.name = where.name;
    this.endsMs = where.endsMs;
    this.#proofs = proofs;
    this.#decisions = proofs.map(() => 'VERIFIER_FAILED');
    let settle: (decisions: readonly ProofDecision[]) => void = () => undefined;
    this.settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  /** Proofs that no thread was given yet. */
  get waiting(): number {
    return this.#proofs.length - this.#next;
  }

  /** Takes the next proofs out of those that wait, at most that many. */
  take(most: number): Slice {
    const first = this.#next;
    const some = this.#proofs.slice(first, first + most);
    const proofs = new Uint8Array(some.length * PACKED_BYTES);
    some.forEach((one, i) => {
      proofs.set(one, i * PACKED_BYTES);
    });
    this.#next += some.length;
    this.#underWay += 1;
    return { first, count: some.length, proofs };
  }

  /** Notes what became of the proofs of a slice that was taken. */
  decide({ first, count }: Slice, decisionAt: (place: number) => ProofDecision): void {
    for (let place = 0; place < count; place += 1) {
      this.#decisions[first + place] = decisionAt(place);
    }
    this.#underWay -= 1;
    this.#settleOnceDone();
  }

  /** Gives up what still waits; what a thread has is told by the thread. */
  giveUp(code: UndecidedCode): void {
    this.#decisions.fill(code, this.#next);
    this.#next = this.#proofs.length;
    this.#settleOnceDone();
  }

  #settleOnceDone(): void {
    if (this.waiting === 0 && this.#underWay === 0) this.#settle(this.#decisions);
  }
}
