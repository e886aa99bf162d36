/**
 * The small constant that every leaf and every derived value begins its Poseidon preimage with, so
 * that no value of one kind can ever be read as another. Append only: a number never changes.
 *
 * @source circuits/circuits.json, from which circuits/lib/kinds.circom is written; a test holds the
 * three equal.
 */
export const DOMAIN_TAGS = {
  PSEUDONYM: 1n,
  REQUESTER: 2n,
  HANDLE: 3n,
  WITHDRAW: 4n,
  CONSENT: 5n,
  ACCREDITATION: 6n,
  FORMER_ISSUER: 7n,
  REQUEST: 8n,
  NULLIFIER: 9n,
  LINK: 10n,
  LIST: 11n,
  CREDENTIAL: 12n,
  FACTS: 13n,
  CRITERIA: 14n,
  ISSUER: 15n,
  MANDATE: 16n,
  PARTIES: 17n,
} as const;
