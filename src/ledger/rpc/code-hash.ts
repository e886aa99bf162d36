import { type Hex, keccak256 } from 'viem';

/** Codes kept: a register and its libraries, of a few networks. A code is 24 KB at most, twice that as hex. */
const MAX_KEPT = 16;

const kept = new Map<Hex, Hex>();

/**
 * keccak256 of a contract's code. Every read of the ledger fetches the code, which rarely changes:
 * comparing it takes microseconds, hashing it milliseconds.
 */
export function hashOfCode(code: Hex): Hex {
  const known = kept.get(code);
  if (known !== undefined) return known;
  const hash = keccak256(code);
  // The whole cache is cleared, so that an endpoint that invents code cannot fill memory.
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(code, hash);
  return hash;
}
