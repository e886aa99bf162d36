import { encodeFunctionData, type Hex, parseEventLogs, type TransactionReceipt } from 'viem';
import { invariant } from '../core/errors.js';
import { toInstitutionId } from '../core/ids.js';
import type { LedgerAccount } from './account.js';
import type { Register } from './connection.js';
import { registerAbi } from './register-abi.js';
import { bitsOfRoles, type InstitutionRole } from './roles.js';
import { sendToRegister } from './send.js';

/** What governance decides of an institution that joins. */
export interface Admission {
  /** A slug, unique for ever on this register. */
  readonly id: string;
  readonly name: string;
  /** The URL at which the institution's node answers. */
  readonly endpoint: string;
  /** The address that will anchor and acknowledge. */
  readonly account: Hex;
  readonly roles: readonly InstitutionRole[];
  /** Poseidon leaf of the issuer key and its grants, a field element, not 0. */
  readonly issuerLeaf: bigint;
}

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

// All of these throw DomainError LEDGER_REFUSED with the name of the contract's error in facts.error,
// LEDGER_MISMATCH before anything is written to another chain or contract than the pinned, LEDGER_UNAVAILABLE.

/** By the governor. @returns the slot given. @throws also ID_MALFORMED, ROLE_UNKNOWN. */
export async function admitInstitution(
  register: Register,
  governor: LedgerAccount,
  { id, roles, ...rest }: Admission,
): Promise<{ readonly slot: number }> {
  const admission = { ...rest, id: toInstitutionId(id), roles: bitsOfRoles(roles) };
  const data = encodeFunctionData({ abi: registerAbi, functionName: 'admit', args: [admission] });
  const receipt = await sendToRegister(register, governor, data, 'admit');
  const [admitted] = parseEventLogs({
    abi: registerAbi,
    eventName: 'InstitutionAdmitted',
    logs: receipt.logs,
  });
  invariant(admitted, 'an admission is logged');
  return { slot: admitted.args.slot };
}

/** By the governor: empties the slot and ends every earlier root at once. */
export async function suspendInstitution(
  register: Register,
  governor: LedgerAccount,
  slot: number,
): Promise<void> {
  const data = encodeFunctionData({ abi: registerAbi, functionName: 'suspend', args: [slot] });
  await sendToRegister(register, governor, data, 'suspend');
}

/** By the governor: replaces account and issuer leaf and ends every earlier root at once. */
export async function rotateInstitution(
  register: Register,
  governor: LedgerAccount,
  slot: number,
  renewed: { readonly account: Hex; readonly issuerLeaf: bigint },
): Promise<void> {
  const data = encodeFunctionData({
    abi: registerAbi,
    functionName: 'rotate',
    args: [slot, renewed.account, renewed.issuerLeaf],
  });
  await sendToRegister(register, governor, data, 'rotate');
}

/** By the governor or the institution itself. */
export async function setEndpoint(
  register: Register,
  account: LedgerAccount,
  slot: number,
  endpoint: string,
): Promise<void> {
  const data = encodeFunctionData({
    abi: registerAbi,
    functionName: 'setEndpoint',
    args: [slot, endpoint],
  });
  await sendToRegister(register, account, data, 'setEndpoint');
}

/**
 * Anchors a shard, the same call whether it changed or not.
 *
 * @param send - an outbox's in place of a plain one, for who must not lose sight of it.
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
