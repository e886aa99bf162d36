import { parseSignals } from '../../zk/statement.js';
import type { Presentation } from '../requester/present.js';
import type { EndedConsent, ToldWithdrawals } from './model.js';

/**
 * Maximum number of rows remembered as reported, about 200 bytes each. A forgotten row may be
 * reported twice.
 */
const MAX_REMEMBERED = 100_000;

/**
 * What was already reported, so that each withdrawal is reported once, even if custodians repeat
 * it.
 */
export class Told {
  readonly #wasPresented: (consent: EndedConsent) => boolean;
  readonly #known = new Set<string>();

  constructor(wasPresented: (consent: EndedConsent) => boolean) {
    this.#wasPresented = wasPresented;
  }

  /** The rows of an answer that are new. */
  news(rows: readonly EndedConsent[]): Pick<ToldWithdrawals, 'ended' | 'strange'> {
    const [ended, strange]: EndedConsent[][] = [[], []];
    for (const row of rows) {
      const key = `${row.custodian} ${row.pseudonym} ${row.handle}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      (this.#wasPresented(row) ? ended : strange)?.push(row);
    }
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return { ended: ended ?? [], strange: strange ?? [] };
  }
}

/**
 * Returns a function that says whether a consent is in one of these presentations, under the same
 * pseudonym.
 *
 * @param presentations - may grow: later presentations count from then on.
 */
export function presentedIn(
  presentations: readonly Presentation[],
): (consent: Pick<EndedConsent, 'pseudonym' | 'handle'>) => boolean {
  const known = new Set<string>();
  let read = 0;
  return ({ pseudonym, handle }) => {
    for (; read < presentations.length; read += 1) {
      for (const { publicSignals } of presentations[read]?.proofs ?? []) {
        const { nym, handle: shown } = parseSignals(publicSignals);
        known.add(`${nym} ${shown}`);
      }
    }
    return known.has(`${pseudonym} ${handle}`);
  };
}
