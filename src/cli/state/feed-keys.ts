import type { AnchorToAcknowledge, FeedKeys } from '../../consent/feed/feed.js';
import type { Register } from '../../ledger/rpc/connection.js';
import type { LedgerAccount } from '../../ledger/write/account.js';
import {
  type Acknowledgement,
  acknowledgeDigest,
  acknowledgerOf,
} from '../../ledger/write/acknowledge.js';
import { recoverSigner, signHash } from '../../ledger/write/sign-hash.js';

/**
 * Lets the feed sign, and recover signers, with ledger accounts, about which it knows nothing
 * itself.
 */
export function feedKeysOf(account: LedgerAccount, register: Register): FeedKeys {
  const acknowledgementOf = (anchor: AnchorToAcknowledge): Acknowledgement => ({
    chainId: register.pins.chainId,
    contract: register.contract,
    ...anchor,
  });
  return {
    sign: (hash) => signHash(account, hash),
    recover: recoverSigner,
    acknowledge: (anchor) => acknowledgeDigest(account, acknowledgementOf(anchor)),
    acknowledgerOf: (anchor, signature) =>
      acknowledgerOf(acknowledgementOf(anchor), signature as `0x${string}`),
  };
}
