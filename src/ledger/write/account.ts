import type { Hex, LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { DomainError } from '../../core/errors.js';

/** An account that signs in this process: an institution's account or the founder's. */
export type LedgerAccount = LocalAccount;

const accountByKey = new Map<string, LedgerAccount>();

/** A fresh random key of secp256k1, 0x and 64 hexadecimal digits. Store it with mode 0600. */
export function generateLedgerKey(): Hex {
  return generatePrivateKey();
}

/**
 * The account of a key. The same key gives the same object, because building one costs far more than a signature.
 *
 * @throws DomainError BAD_INPUT, never showing the key.
 */
export function ledgerAccountOf(key: string): LedgerAccount {
  const known = accountByKey.get(key);
  if (known !== undefined) return known;
  if (!isLedgerKey(key)) throw new DomainError('BAD_INPUT', { expected: 'ledger key' });
  const account = privateKeyToAccount(key);
  accountByKey.set(key, account);
  return account;
}

function isLedgerKey(text: string): text is Hex {
  return /^0x[0-9a-fA-F]{64}$/.test(text) && !/^0x0{64}$/.test(text);
}
