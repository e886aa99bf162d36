import { type Hex, recoverAddress } from 'viem';
import { readAccountSignature } from '../../core/signed/account-signature.js';
import type { LedgerAccount } from './account.js';

/** Signs 32 bytes with an institution's account. @returns r, s, v: 65 bytes. */
export async function signHash(account: LedgerAccount, hash: Hex): Promise<Hex> {
  if (account.sign === undefined) throw new TypeError('This account cannot sign a hash.');
  return account.sign({ hash });
}

/**
 * The address that signed; undefined if it is no signature in the one form that is taken
 * (readAccountSignature), or the signature of no key.
 */
export async function recoverSigner(hash: Hex, signature: string): Promise<Hex | undefined> {
  if (readAccountSignature(signature) === undefined) return undefined;
  try {
    return await recoverAddress({ hash, signature: signature as Hex });
  } catch {
    return undefined;
  }
}
