import type { Hex } from 'viem';
import { type Seconds, secondsFromUnixMs } from '../../core/time.js';
import { toLedgerError } from '../contract/refusal.js';
import { registerAbi } from '../contract/register-abi.js';
import type { Register } from '../rpc/connection.js';

/** The limits that the institutions of a network set by votes. @source Parameters in contracts/IConsentRegister.sol */
export interface NetworkParameters {
  /**
   * The least number of votes for a decision, at least 1; more than half of the active institutions
   * is always needed.
   */
  readonly voteThreshold: number;
  /**
   * How many other institutions must acknowledge an anchor, or all of them if there are fewer. 0 to
   * 16.
   */
  readonly acknowledgementQuorum: number;
  /** How long a proposal is open. An hour to 90 days. */
  readonly proposalSeconds: number;
  /** How long a superseded root is still accepted for a consent. 0 to 30 days. */
  readonly consentRootSeconds: number;
  /** The same for an accreditation. */
  readonly accreditationRootSeconds: number;
  /** The same for an eligibility. */
  readonly eligibilityRootSeconds: number;
}

const MINUTE = 60;
const DAY = 86_400;

/** Defaults for a new network. The founder must always set the vote threshold. */
export const INITIAL_PARAMETERS = {
  proposalSeconds: 14 * DAY,
  consentRootSeconds: 7 * DAY,
  accreditationRootSeconds: 15 * MINUTE,
  eligibilityRootSeconds: 7 * DAY,
} as const;

/** How long a superseded root serves one statement. */
export interface RootWindow {
  readonly maxSupersededSeconds: number;
  /**
   * A root superseded before this time was already refused, and a wider window does not bring it
   * back.
   */
  readonly closedBefore: Seconds;
}

/** The statements whose roots have a window. */
export type RootedStatement = 'consent' | 'accreditation' | 'eligibility';

/** The limits in force, and what still applies of earlier ones. */
export interface DecidedParameters {
  readonly parameters: NetworkParameters;
  readonly windows: Readonly<Record<RootedStatement, RootWindow>>;
}

/** A network's name, and what its institutions have decided for all of it. */
export interface NetworkSettings extends DecidedParameters {
  readonly networkName: string;
  /** True once votes alone decide. */
  readonly founded: boolean;
  /** How many votes decide now. */
  readonly votesRequired: number;
  /** The register that replaces this one; undefined while it is in use. */
  readonly successor: Hex | undefined;
}

const NOBODY = `0x${'00'.repeat(20)}`;

/** @throws DomainError LEDGER_UNAVAILABLE, LEDGER_REFUSED. */
export async function readNetworkSettings(register: Register): Promise<NetworkSettings> {
  const { client } = register.ledger;
  const at = { address: register.contract, abi: registerAbi } as const;
  try {
    const [networkName, founded, votesRequired, successor, decided] = await Promise.all([
      client.readContract({ ...at, functionName: 'networkName' }),
      client.readContract({ ...at, functionName: 'founded' }),
      client.readContract({ ...at, functionName: 'votesRequired' }),
      client.readContract({ ...at, functionName: 'successor' }),
      readDecidedParameters(register),
    ]);
    return {
      networkName,
      founded,
      votesRequired,
      ...decided,
      successor: successor === NOBODY ? undefined : successor,
    };
  } catch (thrown) {
    throw toLedgerError(thrown, 'parameters');
  }
}

/** @param blockNumber - the newest unless given. */
export async function readDecidedParameters(
  register: Register,
  blockNumber?: bigint,
): Promise<DecidedParameters> {
  const [parameters, closed] = await register.ledger.client.readContract({
    address: register.contract,
    abi: registerAbi,
    functionName: 'parameters',
    ...(blockNumber === undefined ? {} : { blockNumber }),
  });
  const { consentRootSeconds, accreditationRootSeconds, eligibilityRootSeconds } = parameters;
  return {
    parameters,
    windows: {
      consent: windowOf(consentRootSeconds, closed[0]),
      accreditation: windowOf(accreditationRootSeconds, closed[1]),
      eligibility: windowOf(eligibilityRootSeconds, closed[2]),
    },
  };
}

/** The chain counts Unix seconds; everything else here counts from 1900. */
function windowOf(maxSupersededSeconds: number, closedBeforeUnix: bigint): RootWindow {
  return { maxSupersededSeconds, closedBefore: secondsFromUnixMs(Number(closedBeforeUnix) * 1000) };
}
