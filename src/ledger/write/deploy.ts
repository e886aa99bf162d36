import { encodeDeployData, type Hex } from 'viem';
import { DomainError, invariant } from '../../core/errors.js';
import { linkRegister, readRegisterArtifact } from '../contract/artifact.js';
import { registerAbi } from '../contract/register-abi.js';
import type { NetworkParameters } from '../read/parameters.js';
import { type Ledger, openLedger, type Register, readPins } from '../rpc/connection.js';
import type { LedgerAccount } from './account.js';
import { sendCreation } from './send.js';

export interface Deployment {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Pays for the deployment; this gives it no rights. */
  readonly account: LedgerAccount;
  /**
   * The address that admits the first `voteThreshold` institutions, and has no rights afterwards.
   */
  readonly founder: Hex;
  /** Part of every study's field, for example 'pilot'. */
  readonly networkName: string;
  /** What the institutions may later change by votes. */
  readonly parameters: NetworkParameters;
  /**
   * How long after it was written an institution's change of its endpoint takes effect: time for
   * the others to notice what a stolen key wrote. 0 to 30 days; can never be changed.
   */
  readonly endpointDelaySeconds: number;
}

/**
 * Deploys the Poseidon libraries and the register linked to them.
 *
 * @returns the register with the pins to record: every node checks them from then on.
 * @throws DomainError LEDGER_MISMATCH if the URL answers for another chain; LEDGER_UNAVAILABLE, LEDGER_REFUSED.
 */
export async function deployRegister(deployment: Deployment): Promise<Register> {
  const ledger = openLedger(deployment.rpcUrl, deployment.chainId);
  const artifact = readRegisterArtifact();
  const { PoseidonT3, PoseidonT6 } = artifact.libraries;
  const addresses = {
    PoseidonT3: await create(ledger, deployment.account, PoseidonT3),
    PoseidonT6: await create(ledger, deployment.account, PoseidonT6),
  };
  const creation = encodeDeployData({
    abi: registerAbi,
    bytecode: linkRegister(artifact, addresses),
    args: [
      deployment.founder,
      deployment.networkName,
      deployment.parameters,
      deployment.endpointDelaySeconds,
    ],
  });
  const contract = await create(ledger, deployment.account, creation);
  const pins = await readPins(ledger, contract);
  if (pins.chainId !== deployment.chainId) {
    throw new DomainError('LEDGER_MISMATCH', { pin: 'chainId' });
  }
  return { ledger, contract, pins };
}

async function create(ledger: Ledger, account: LedgerAccount, code: Hex): Promise<Hex> {
  const { contractAddress } = await sendCreation(ledger, account, code);
  invariant(contractAddress, 'the receipt of a creation names the contract');
  return contractAddress;
}
