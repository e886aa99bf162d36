import type { LedgerInstitution } from '../../ledger/read/read.js';
import { fieldOf, institutionField } from '../../zk/arithmetic/field.js';
import type { IssuerFields } from '../../zk/leaf.js';

/** What an institution's issuer leaf is the hash of, from what the ledger tells everybody. */
export function issuerFieldsOf(
  institution: Pick<LedgerInstitution, 'id' | 'term' | 'issuer'>,
): IssuerFields {
  const { ax, ay, validFrom, validUntil, grants, parties } = institution.issuer;
  return {
    institution: institutionField(institution.id),
    ax,
    ay,
    validity: { from: validFrom, until: validUntil },
    grants: BigInt(grants),
    parties: parties.map(fieldOf),
    term: BigInt(institution.term),
  };
}
