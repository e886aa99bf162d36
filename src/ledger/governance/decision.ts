import { decodeFunctionData, encodeFunctionData, type Hex } from 'viem';
import { toInstitutionId } from '../../core/ids.js';
import { type Issuer, type IssuerWire, toIssuerWire } from '../contract/issuer.js';
import { registerAbi } from '../contract/register-abi.js';
import { bitsOfRoles, type InstitutionRole, rolesOfBits } from '../contract/roles.js';
import type { NetworkParameters } from '../read/parameters.js';

/** What a vote decides about an institution that joins. */
export interface Admission {
  /** A slug, unique for ever on this register. */
  readonly id: string;
  /** For people to read; up to 256 bytes. */
  readonly name: string;
  /** The URL at which the institution's node answers; up to 256 bytes. */
  readonly endpoint: string;
  /** The address that will anchor, acknowledge and vote. */
  readonly account: Hex;
  readonly roles: readonly InstitutionRole[];
  readonly issuer: Issuer;
}

/** An institution's new keys for its next term: its account, and the issuer that signs for it. */
export interface Rekeying {
  readonly slot: number;
  readonly account: Hex;
  readonly issuer: Issuer;
}

/** What institutions can decide. @source the functions of contracts/IConsentRegister.sol that are done by decision */
export type Decision =
  | ({ readonly kind: 'ADMIT' } & Admission)
  /** Empties the slot and ends every earlier root at once. */
  | { readonly kind: 'SUSPEND'; readonly slot: number }
  /** Its slot stays empty until it anchors; roots that ended are not revived. */
  | ({ readonly kind: 'REINSTATE' } & Rekeying)
  /** Empties the slot and ends every earlier root at once; the institution has to anchor again. */
  | ({ readonly kind: 'ROTATE' } & Rekeying)
  /** Replaces all of them. */
  | { readonly kind: 'SET_PARAMETERS'; readonly parameters: NetworkParameters }
  /** Once and for ever; nodes do not follow it by themselves. */
  | { readonly kind: 'SET_SUCCESSOR'; readonly successor: Hex };

/** The call that a vote carries out. @throws DomainError ID_MALFORMED, ROLE_UNKNOWN. */
export function encodeDecision(decision: Decision): Hex {
  const abi = registerAbi;
  switch (decision.kind) {
    case 'ADMIT': {
      const { kind: _, id, roles, issuer, ...rest } = decision;
      const admission = {
        ...rest,
        id: toInstitutionId(id),
        roles: bitsOfRoles(roles),
        issuer: toIssuerWire(issuer),
      };
      return encodeFunctionData({ abi, functionName: 'admit', args: [admission] });
    }
    case 'SUSPEND':
      return encodeFunctionData({ abi, functionName: 'suspend', args: [decision.slot] });
    case 'REINSTATE':
      return encodeFunctionData({ abi, functionName: 'reinstate', args: keysOf(decision) });
    case 'ROTATE':
      return encodeFunctionData({ abi, functionName: 'rotate', args: keysOf(decision) });
    case 'SET_PARAMETERS': {
      const args = [decision.parameters] as const;
      return encodeFunctionData({ abi, functionName: 'setParameters', args });
    }
    case 'SET_SUCCESSOR':
      return encodeFunctionData({ abi, functionName: 'setSuccessor', args: [decision.successor] });
  }
}

/**
 * What a proposal would do, for those who are to vote on it.
 *
 * @returns undefined for bytes that this version cannot decode: nobody should vote for what they
 * cannot read.
 */
export function decodeDecision(call: Hex): Decision | undefined {
  const decision = decode(call);
  // The contract ignores bytes after the arguments, and they would not be shown to voters.
  return decision !== undefined && encodeDecision(decision) === call ? decision : undefined;
}

function decode(call: Hex): Decision | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: registerAbi, data: call });
    switch (functionName) {
      case 'admit':
        return { kind: 'ADMIT', ...args[0], roles: rolesOfBits(args[0].roles) };
      case 'suspend':
        return { kind: 'SUSPEND', slot: args[0] };
      case 'reinstate':
        return { kind: 'REINSTATE', ...rekeyingOf(args) };
      case 'rotate':
        return { kind: 'ROTATE', ...rekeyingOf(args) };
      case 'setParameters':
        return { kind: 'SET_PARAMETERS', parameters: args[0] };
      case 'setSuccessor':
        return { kind: 'SET_SUCCESSOR', successor: args[0] };
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function keysOf({ slot, account, issuer }: Rekeying): readonly [number, Hex, IssuerWire] {
  return [slot, account, toIssuerWire(issuer)];
}

function rekeyingOf([slot, account, issuer]: readonly [number, Hex, Issuer]): Rekeying {
  return { slot, account, issuer };
}
