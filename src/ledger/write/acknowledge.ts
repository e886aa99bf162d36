import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from 'viem';
import type { LedgerAccount } from './account.js';
import { recoverSigner, signHash } from './sign-hash.js';

/**
 * One anchor that is to come, as another institution acknowledges it: that it holds the feed segment whose head is
 * in the digest. Bound to the number of the slot's earlier anchors, so that it serves once.
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
 * Whose signature it is, so that a collector can leave out a wrong one: the contract refuses the whole anchor for it.
 *
 * @returns undefined if it is no signature at all.
 */
export async function acknowledgerOf(
  acknowledgement: Acknowledgement,
  signature: Hex,
): Promise<Hex | undefined> {
  return recoverSigner(acknowledgementHash(acknowledgement), signature);
}
