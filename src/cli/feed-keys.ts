import type { AnchorToAcknowledge, FeedKeys } from '../consent/feed/feed.js';
import type { LedgerAccount } from '../ledger/account.js';
import { type Acknowledgement, acknowledgeDigest, acknowledgerOf } from '../ledger/acknowledge.js';
import type { Register } from '../ledger/connection.js';
import { recoverSigner, signHash } from '../ledger/sign-hash.js';

/** Lets the feed sign and recover with ledger accounts, which it does not know of itself. */
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
