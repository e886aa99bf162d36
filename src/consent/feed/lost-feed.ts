import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import type { Database } from '../../store/database.js';
import type { Bytes32 } from '../base/digest.js';
import { acceptGap } from './gap-store.js';
import { openedBefore } from './opened.js';

/**
 * For an operator's command: lets this node serve consents without the rest of a feed that nobody can
 * give any more, because its institution and those who held it conspired, or all of them lost it. A
 * withdrawal that stood only there does not end its consent here: the participant has to withdraw
 * again elsewhere. So it is taken for a suspended institution alone, whose governance has decided,
 * and for the very digest that is on the ledger: if the institution comes back, the next one counts.
 *
 * It takes effect when the node starts.
 *
 * @param institutions - as the ledger has them now.
 * @returns the digest that this node goes on without.
 * @throws DomainError INSTITUTION_UNKNOWN; BAD_INPUT if it is active, never anchored, or its digest can
 * be opened here.
 */
export async function acceptLostFeed(
  db: Database,
  institutions: readonly LedgerInstitution[],
  { of, at }: { readonly of: InstitutionId; readonly at: Seconds },
): Promise<Bytes32> {
  const listed = institutions.find(({ id }) => id === of);
  if (listed === undefined) throw new DomainError('INSTITUTION_UNKNOWN', { institution: of });
  const digest = listed.lastAnchor?.digest as Bytes32 | undefined;
  if (listed.status === 'ACTIVE' || digest === undefined) {
    throw new DomainError('BAD_INPUT', { expected: 'a suspended institution that has anchored' });
  }
  await db.transaction(async (tx) => {
    if ((await openedBefore(tx, of, digest)) !== undefined) {
      throw new DomainError('BAD_INPUT', { expected: 'a feed that this node does not hold' });
    }
    await acceptGap(tx, { id: of, digest }, at);
  });
  return digest;
}
