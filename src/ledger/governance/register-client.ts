import { encodeFunctionData, type Hex, parseEventLogs, type TransactionReceipt } from 'viem';
import { invariant } from '../../core/errors.js';
import { registerAbi } from '../contract/register-abi.js';
import type { Register } from '../rpc/connection.js';
import type { LedgerAccount } from '../write/account.js';
import { sendToRegister } from '../write/send.js';
import { type Admission, encodeDecision } from './decision.js';

export interface ShardAnchor {
  /** The institution's own account. */
  readonly account: LedgerAccount;
  /** Root of its shard, a field element, not 0. */
  readonly shardRoot: bigint;
  /** SHA-256 over the heads of its feeds, 32 bytes, not zero. */
  readonly digest: Hex;
  /** Signatures of distinct other active institutions, see acknowledge.ts. */
  readonly acknowledgements: readonly Hex[];
}

/** What an anchor began. */
export interface AnchoredShard {
  readonly epoch: number;
  /** The network root of that epoch. */
  readonly root: bigint;
  readonly gasUsed: bigint;
  readonly blockNumber: number;
}

// All of these throw DomainError LEDGER_REFUSED with the name of the contract's error in
// facts.error, LEDGER_MISMATCH before anything is written to a chain or contract that is not the
// pinned one, LEDGER_UNAVAILABLE.

/**
 * For the founder, until the founding has ended. @returns the slot given. @throws also
 * ID_MALFORMED, ROLE_UNKNOWN.
 */
export async function admitByFounder(
  register: Register,
  founder: LedgerAccount,
  admission: Admission,
): Promise<{ readonly slot: number }> {
  const data = encodeDecision({ kind: 'ADMIT', ...admission });
  const receipt = await sendToRegister(register, founder, data, 'admit');
  const [admitted] = parseEventLogs({
    abi: registerAbi,
    eventName: 'InstitutionAdmitted',
    logs: receipt.logs,
  });
  invariant(admitted, 'an admission is logged');
  return { slot: admitted.args.slot };
}

/** By the institution itself: the URL at which its node answers once the network's delay is over. */
export async function setEndpoint(
  register: Register,
  account: LedgerAccount,
  endpoint: string,
): Promise<void> {
  const data = encodeFunctionData({
    abi: registerAbi,
    functionName: 'setEndpoint',
    args: [endpoint],
  });
  await sendToRegister(register, account, data, 'setEndpoint');
}

/**
 * Anchors a shard, the same call whether it changed or not.
 *
 * @param send - an outbox's `send` instead of a plain one, for a caller that must track the
 * transaction.
 */
export async function anchorShard(
  register: Register,
  anchor: ShardAnchor,
  send: (data: Hex, call: string) => Promise<TransactionReceipt> = (data, call) =>
    sendToRegister(register, anchor.account, data, call),
): Promise<AnchoredShard> {
  const data = encodeFunctionData({
    abi: registerAbi,
    functionName: 'anchor',
    args: [anchor.shardRoot, anchor.digest, [...anchor.acknowledgements]],
  });
  return anchoredBy(await send(data, 'anchor'));
}

function anchoredBy({ logs, gasUsed, blockNumber }: TransactionReceipt): AnchoredShard {
  const [anchored] = parseEventLogs({ abi: registerAbi, eventName: 'Anchored', logs });
  invariant(anchored, 'an anchor is logged');
  return {
    epoch: Number(anchored.args.epoch),
    root: anchored.args.root,
    gasUsed,
    blockNumber: Number(blockNumber),
  };
}
