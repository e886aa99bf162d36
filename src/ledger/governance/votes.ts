import { encodeFunctionData, type Hex, parseEventLogs, type TransactionReceipt } from 'viem';
import { DomainError, invariant } from '../../core/errors.js';
import { type Seconds, secondsFromUnixMs } from '../../core/time.js';
import { toLedgerError } from '../contract/refusal.js';
import { registerAbi } from '../contract/register-abi.js';
import type { Register } from '../rpc/connection.js';
import type { LedgerAccount } from '../write/account.js';
import { sendToRegister } from '../write/send.js';
import { type Decision, decodeDecision, encodeDecision } from './decision.js';

/** What came of a vote, the proposer's own included. */
export interface VoteCast {
  /** Of the proposal, 32 bytes. */
  readonly id: Hex;
  /** True if it was the deciding vote, and the decision is done. */
  readonly executed: boolean;
  readonly gasUsed: bigint;
}

/** A proposal as the ledger has it. */
export interface Proposal {
  readonly id: Hex;
  /** The slot of who proposed it. */
  readonly proposer: number;
  /** Exclusive end of the time to vote. */
  readonly expiresAt: Seconds;
  readonly executed: boolean;
  /** How many institutions support it now. */
  readonly votes: number;
  /** Undefined if this version cannot read it: vote for nothing that cannot be read. */
  readonly decision: Decision | undefined;
}

const PROPOSALS_PAGE = 64;

/**
 * Proposes a decision and votes for it.
 *
 * @param account - of an active institution.
 * @throws DomainError ID_MALFORMED, ROLE_UNKNOWN, LEDGER_REFUSED, LEDGER_MISMATCH, LEDGER_UNAVAILABLE.
 */
export function proposeDecision(
  register: Register,
  account: LedgerAccount,
  decision: Decision,
): Promise<VoteCast> {
  return proposeCall(register, account, encodeDecision(decision));
}

/**
 * The same for a call already encoded. @throws as proposeDecision; the contract refuses unknown
 * calls.
 */
export async function proposeCall(
  register: Register,
  account: LedgerAccount,
  call: Hex,
): Promise<VoteCast> {
  const data = encodeFunctionData({ abi: registerAbi, functionName: 'propose', args: [call] });
  return castBy(await sendToRegister(register, account, data, 'propose'));
}

/**
 * Votes for a proposal; the vote that is enough carries the decision out.
 *
 * @throws DomainError LEDGER_REFUSED with the error of the vote, or of the decision if the contract refuses that.
 */
export async function voteFor(
  register: Register,
  account: LedgerAccount,
  id: Hex,
): Promise<VoteCast> {
  const data = encodeFunctionData({ abi: registerAbi, functionName: 'vote', args: [id] });
  return castBy(await sendToRegister(register, account, data, 'vote'));
}

/**
 * Has several institutions, whose accounts are all at hand, propose and vote until it is decided.
 *
 * @returns how many votes it took.
 * @throws DomainError VOTES_MISSING if they are too few; as proposeDecision.
 */
export async function decideTogether(
  register: Register,
  voters: readonly LedgerAccount[],
  decision: Decision,
): Promise<number> {
  const [proposer, ...others] = voters;
  if (proposer === undefined) throw new DomainError('VOTES_MISSING', { given: 0 });
  const { id, executed } = await proposeDecision(register, proposer, decision);
  if (executed) return 1;
  for (const [at, voter] of others.entries()) {
    if ((await voteFor(register, voter, id)).executed) return at + 2;
  }
  throw new DomainError('VOTES_MISSING', { given: voters.length });
}

/** Every proposal there has been, in their order. @throws DomainError LEDGER_UNAVAILABLE. */
export async function readProposals(register: Register): Promise<Proposal[]> {
  const all: Proposal[] = [];
  try {
    for (;;) {
      const page = await register.ledger.client.readContract({
        address: register.contract,
        abi: registerAbi,
        functionName: 'proposals',
        args: [BigInt(all.length), PROPOSALS_PAGE],
      });
      all.push(
        ...page.map(({ expiresAt, decision, ...rest }) => ({
          ...rest,
          expiresAt: secondsFromUnixMs(Number(expiresAt) * 1000),
          decision: decodeDecision(decision),
        })),
      );
      if (page.length < PROPOSALS_PAGE) return all;
    }
  } catch (thrown) {
    throw toLedgerError(thrown, 'proposals');
  }
}

function castBy({ logs, gasUsed }: TransactionReceipt): VoteCast {
  const [voted] = parseEventLogs({ abi: registerAbi, eventName: 'Voted', logs });
  invariant(voted, 'a vote is logged');
  const executed = parseEventLogs({ abi: registerAbi, eventName: 'Executed', logs }).length > 0;
  return { id: voted.args.id, executed, gasUsed };
}
