/**
 * Who signs for an institution and what it may do, as governance set it. With the institution's id and
 * term it is the whole preimage of the issuer leaf, so that all who vote, or read the ledger, know
 * what a leaf says.
 *
 * @source Issuer in contracts/IConsentRegister.sol
 */
export interface Issuer {
  /** The EdDSA key on Baby Jubjub: field elements, not 0. */
  readonly ax: bigint;
  readonly ay: bigint;
  /** When its leaf serves: [validFrom, validUntil) in seconds since 1900, each below 2^64. */
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  /** A set of 16 bits; the names are in zk's vocabulary. */
  readonly grants: number;
  /** Ids of the organisations that an accreditation of it may name: at most 8 of 1 to 64 bytes. */
  readonly parties: readonly string[];
}

/** In the form that the contract's functions take and return. */
export type IssuerWire = Issuer & { readonly parties: string[] };

/** A copy with the members of the contract's tuple and nothing else. */
export function toIssuerWire(issuer: Issuer): IssuerWire {
  const { ax, ay, validFrom, validUntil, grants, parties } = issuer;
  return { ax, ay, validFrom, validUntil, grants, parties: [...parties] };
}
