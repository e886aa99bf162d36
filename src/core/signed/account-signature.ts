/** A signature of a ledger account (secp256k1), read from its 65 bytes. */
export interface AccountSignature {
  /** In [1, n). */
  readonly r: bigint;
  /** In [1, n / 2]: the other half holds the second form of every signature. */
  readonly s: bigint;
  readonly yParity: 0 | 1;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const SIGNATURE = /^0x([0-9a-f]{64})([0-9a-f]{64})(1b|1c)$/;

/**
 * Reads a signature in the only form that is taken anywhere: r, s and v, 65 bytes, as 0x and 130
 * lower-case hexadecimal digits; s low (EIP-2); v 27 or 28.
 *
 * From one signature anybody can make others that the same account seems to have given: s turned to
 * n - s, v written as 0 or 1. The contract refuses those, so a node that took one would send an
 * anchor that fails.
 *
 * @returns undefined for anything else.
 * @source _recover in contracts/ConsentRegister.sol
 */
export function readAccountSignature(text: string): AccountSignature | undefined {
  const [, rHex, sHex, v] = SIGNATURE.exec(text) ?? [];
  if (rHex === undefined || sHex === undefined) return undefined;
  const r = BigInt(`0x${rHex}`);
  const s = BigInt(`0x${sHex}`);
  const inRange = r > 0n && r < ORDER && s > 0n && s <= ORDER >> 1n;
  return inRange ? { r, s, yParity: v === '1b' ? 0 : 1 } : undefined;
}
