import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { zKey } from 'snarkjs';
import { type Abi, createPublicClient, createWalletClient, type Hex, http } from 'viem';
import { withProvingCurve } from '../../../src/zk/arithmetic/curve.js';
import { loadProvingArtifacts } from '../../../src/zk/artifacts.js';
import { STATEMENTS, type Statement } from '../../../src/zk/statement.js';
import { newAccount, startChain } from '../../support/ledger/small-network.js';
import type { Case } from './corpus.js';

/**
 * The verifier that snarkjs exports as a contract, from the same keys, on a chain of its own: other arithmetic
 * (the pairing of the EVM) and another parser. Test equipment: nothing deploys it.
 */
export interface SolidityVerifier {
  /** Undefined for an input that no call data can carry. */
  decide(input: Case): Promise<boolean | undefined>;
  end(): Promise<void>;
}

const require = createRequire(import.meta.url);
const policy = { production: false, allowDevelopmentKeys: false };

export async function deploySolidityVerifier(): Promise<SolidityVerifier> {
  const chain = await startChain();
  const account = newAccount();
  await chain.anvil.fund([account.address]);
  const transport = http(chain.anvil.url, { batch: { batchSize: 50 } });
  const wallet = createWalletClient({ account, transport });
  const client = createPublicClient({ transport });
  const deployed = new Map<Statement, { abi: Abi; address: Hex }>();
  for (const statement of STATEMENTS) {
    const { abi, bytecode } = await compiledVerifier(statement);
    const hash = await wallet.deployContract({ abi, bytecode, chain: null });
    const { contractAddress } = await client.waitForTransactionReceipt({
      hash,
      pollingInterval: 20,
    });
    if (contractAddress == null) throw new Error('not deployed');
    deployed.set(statement, { abi, address: contractAddress });
  }
  return {
    async decide(input) {
      const args = callDataOf(input);
      const contract = deployed.get(input.statement);
      if (args === undefined || contract === undefined) return undefined;
      const { abi, address } = contract;
      return (
        (await client.readContract({ abi, address, functionName: 'verifyProof', args })) === true
      );
    },
    end: () => chain.end(),
  };
}

interface Compiled {
  readonly abi: Abi;
  readonly evm: { readonly bytecode: { readonly object: string } };
}

async function compiledVerifier(statement: Statement): Promise<{ abi: Abi; bytecode: Hex }> {
  const templates = join(dirname(require.resolve('snarkjs')), '..', 'templates');
  const groth16 = readFileSync(join(templates, 'verifier_groth16.sol.ejs'), 'utf8');
  const { zkey } = await loadProvingArtifacts(statement, policy);
  const content = await withProvingCurve(() => zKey.exportSolidityVerifier(zkey, { groth16 }));
  const outputSelection = { '*': { '*': ['abi', 'evm.bytecode'] } };
  const input = {
    language: 'Solidity',
    sources: { 'v.sol': { content } },
    settings: { evmVersion: 'paris', outputSelection },
  };
  const solc = require('solc') as { compile(input: string): string };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    contracts: { 'v.sol': { Groth16Verifier: Compiled } };
  };
  const { abi, evm } = output.contracts['v.sol'].Groth16Verifier;
  return { abi, bytecode: `0x${evm.bytecode.object}` };
}

/** The arguments of verifyProof; the names and z of a proof have no place there. */
function callDataOf({ proof, signals }: Case): readonly unknown[] | undefined {
  const { pi_a, pi_b, pi_c } = Object(proof) as Record<string, unknown>;
  const a = words(pi_a, ['1']);
  const c = words(pi_c, ['1']);
  const [x, y, z] = Array.isArray(pi_b) && pi_b.length === 3 ? pi_b : [];
  const isAffine = Array.isArray(z) && z.length === 2 && z[0] === '1' && z[1] === '0';
  const [b0, b1] = isAffine ? [words(x), words(y)] : [];
  const inputs = words(signals);
  if (a?.length !== 2 || c?.length !== 2 || inputs?.length !== 6) return undefined;
  if (b0?.length !== 2 || b1?.length !== 2) return undefined;
  // The contract takes the imaginary part first.
  return [a, [b0.toReversed(), b1.toReversed()], c, inputs];
}

function words(value: unknown, ending: readonly string[] = []): readonly bigint[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const body = value.slice(0, value.length - ending.length);
  if (!ending.every((text, i) => value[body.length + i] === text)) return undefined;
  const found = body.map((text) =>
    typeof text === 'string' && /^[0-9]{1,90}$/.test(text) ? BigInt(text) : -1n,
  );
  return found.every((word) => word >= 0n && word < 2n ** 256n) ? found : undefined;
}
