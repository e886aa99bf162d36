import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from 'viem';
import type { LedgerAccount } from './account.js';
import { recoverSigner, signHash } from './sign-hash.js';

/**
 * A future anchor, as another institution acknowledges it: it confirms that it holds the feed
 * segment whose head is in the digest. Bound to the number of the slot's earlier anchors, so that
 * it can be used once.
 */
export interface Acknowledgement {
  readonly chainId: number;
  readonly contract: Hex;
  readonly slot: number;
  /** How often the institution has anchored before: `anchors` in the snapshot. */
  readonly anchors: number;
  /** SHA-256 over the heads of the institution's feeds, 32 bytes. */
  readonly digest: Hex;
}

const TAG = 'assent/acknowledge';
const PARAMETERS = parseAbiParameters('string, uint256, address, uint32, uint64, bytes32');

/** @source acknowledgementHash in contracts/IConsentRegister.sol */
export function acknowledgementHash(acknowledgement: Acknowledgement): Hex {
  const { chainId, contract, slot, anchors, digest } = acknowledgement;
  return keccak256(
    encodeAbiParameters(PARAMETERS, [
      TAG,
      BigInt(chainId),
      contract,
      slot,
      BigInt(anchors),
      digest,
    ]),
  );
}

/** Signs with an institution's account. @returns r, s, v: 65 bytes. */
export async function acknowledgeDigest(
  account: LedgerAccount,
  acknowledgement: Acknowledgement,
): Promise<Hex> {
  return signHash(account, acknowledgementHash(acknowledgement));
}

/**
 * The address that signed, so that a collector can drop a wrong signature: one would make the
 * contract refuse the whole anchor.
 *
 * @returns undefined if it is not a signature.
 */
export async function acknowledgerOf(
  acknowledgement: Acknowledgement,
  signature: Hex,
): Promise<Hex | undefined> {
  return recoverSigner(acknowledgementHash(acknowledgement), signature);
}
