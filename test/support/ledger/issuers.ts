import { createHash } from 'node:crypto';
import { poseidon5 } from 'poseidon-lite';
import type { Issuer } from '../../../src/ledger/contract/issuer.js';

const TWO_64 = 1n << 64n;

/** Who signs for the institution of a slot: no key of anybody, told apart by its x. */
export function issuerOf(slot: number, changed: Partial<Issuer> = {}): Issuer {
  const validity = { validFrom: 0n, validUntil: TWO_64 - 1n };
  const ax = 1_000n + BigInt(slot);
  return { ax, ay: 1n, ...validity, grants: 1, parties: [`party-${slot}`], ...changed };
}

/** The leaf of that issuer by another implementation than the contract's and ours. */
export function leafOf(slot: number, term = 1, id = `institution-${slot}`): bigint {
  return issuerLeafOf(issuerOf(slot), term, id);
}

/** @source issuerLeafOf in contracts/IConsentRegister.sol */
export function issuerLeafOf(issuer: Issuer, term: number, id: string): bigint {
  const { ax, ay, validFrom, validUntil, grants, parties } = issuer;
  const [p1 = 0n, p2 = 0n, p3 = 0n, p4 = 0n, ...others] = parties.map(field);
  const [p5 = 0n, p6 = 0n, p7 = 0n, p8 = 0n] = others;
  const listed = poseidon5([poseidon5([17n, p1, p2, p3, p4]), p5, p6, p7, p8]);
  const validity = validFrom * TWO_64 + validUntil;
  const mandate = poseidon5([16n, validity, BigInt(grants), listed, BigInt(term)]);
  return poseidon5([15n, field(id), ax, ay, mandate]);
}

/** The first 31 bytes of the SHA-256 of a text, big-endian. */
function field(text: string): bigint {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 62)}`);
}
