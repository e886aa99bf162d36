/**
 * What each write to the register costs, in gas, on a chain that does the same each time: fixed keys, so fixed
 * signatures, addresses and call data. contracts/gas.json keeps it; a test allows 2 % either way.
 *
 * Run: npm run gas
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  admitByFounder,
  anchorShard,
  setEndpoint,
} from '../src/ledger/governance/register-client.js';
import { proposeDecision, voteFor } from '../src/ledger/governance/votes.js';
import type { Register } from '../src/ledger/rpc/connection.js';
import { type LedgerAccount, ledgerAccountOf } from '../src/ledger/write/account.js';
import { acknowledgeDigest } from '../src/ledger/write/acknowledge.js';
import { deployRegister } from '../src/ledger/write/deploy.js';
import { issuerOf } from '../test/support/ledger/issuers.js';
import {
  admissionOf,
  CHAIN_ID,
  parametersOf,
  startChain,
} from '../test/support/ledger/small-network.js';

/** Gas by what was written, and the size of the register's code in bytes. */
export type GasTable = Readonly<Record<string, number>>;

const THRESHOLD = 3;
const QUORUM = 2;

const accountOf = (n: number) => ledgerAccountOf(`0x${String(n + 1).padStart(64, '7')}`);

/** @param rpcUrl - of a chain that mines a block a transaction, and on which nothing happens besides. */
async function measureOn(rpcUrl: string): Promise<GasTable> {
  const table: Record<string, number> = {};
  const founder = accountOf(90);
  const parameters = parametersOf({ voteThreshold: THRESHOLD, acknowledgementQuorum: QUORUM });
  const register = await deployRegister({
    rpcUrl,
    chainId: CHAIN_ID,
    account: founder,
    founder: founder.address,
    networkName: 'pilot',
    parameters,
    endpointDelaySeconds: 172_800,
  });
  const { client } = register.ledger;
  const gasOf = async (blockNumber: bigint) =>
    Number((await client.getBlock({ blockNumber })).gasUsed);
  const head = await client.getBlockNumber();
  table['create the Poseidon library of two'] = await gasOf(head - 2n);
  table['create the Poseidon library of five'] = await gasOf(head - 1n);
  table['create the register'] = await gasOf(head);
  const code = await client.getCode({ address: register.contract });
  table['bytes of the register'] = ((code?.length ?? 2) - 2) / 2;
  const note = async (what: string, write: Promise<unknown>) => {
    await write;
    table[what] = await gasOf(await client.getBlockNumber());
  };

  for (let slot = 0; slot < THRESHOLD; slot += 1) {
    const admission = admissionOf(slot, accountOf(slot).address);
    await note('admit by the founder', admitByFounder(register, founder, admission));
  }
  const admission = admissionOf(THRESHOLD, accountOf(THRESHOLD).address);
  await decide(register, note, 'an admission', { kind: 'ADMIT', ...admission });
  await note('move an endpoint', setEndpoint(register, accountOf(0), 'http://127.0.0.1/elsewhere'));

  await note('anchor, the first of all', anchorBy(register, 0, 0));
  await note('anchor, the first of a slot', anchorBy(register, 1, 0));
  await note('anchor', anchorBy(register, 0, 1));
  await decide(register, note, 'a rotation', { kind: 'ROTATE', ...rekeying(1) });
  await decide(register, note, 'parameters', { kind: 'SET_PARAMETERS', parameters });
  await decide(register, note, 'a suspension', { kind: 'SUSPEND', slot: 3 });
  await decide(register, note, 'a reinstatement', { kind: 'REINSTATE', ...rekeying(3) });
  return table;
}

const rekeying = (slot: number) => ({
  slot,
  account: accountOf(slot).address,
  issuer: issuerOf(7),
});

async function decide(
  register: Register,
  note: (what: string, write: Promise<unknown>) => Promise<void>,
  what: string,
  decision: Parameters<typeof proposeDecision>[2],
): Promise<void> {
  const proposing = proposeDecision(register, accountOf(0), decision);
  await note(`propose ${what}`, proposing);
  const { id } = await proposing;
  await note('vote', voteFor(register, accountOf(1), id));
  await note(`decide ${what}`, voteFor(register, accountOf(2), id));
}

async function anchorBy(register: Register, slot: number, anchors: number): Promise<unknown> {
  const digest = `0x${'5'.repeat(63)}${anchors}` as const;
  const { contract } = register;
  const wanted = { chainId: CHAIN_ID, contract, slot, anchors, digest };
  const others = [2, 3].map((other) => acknowledgeDigest(accountOf(other), wanted));
  const shardRoot = (1n << 250n) + BigInt(10 * slot + anchors);
  return anchorShard(register, {
    account: accountOf(slot),
    shardRoot,
    digest,
    acknowledgements: await Promise.all(others),
  });
}

/** Measures on a chain of its own. Takes some seconds. */
export async function measureGas(): Promise<GasTable> {
  const chain = await startChain();
  try {
    const accounts: LedgerAccount[] = [90, 0, 1, 2, 3].map(accountOf);
    await chain.anvil.fund(accounts.map(({ address }) => address));
    return await measureOn(chain.anvil.url);
  } finally {
    await chain.end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = await measureGas();
  const file = new URL('../contracts/gas.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(table, null, 2)}\n`);
  for (const [what, gas] of Object.entries(table)) {
    process.stdout.write(`${what.padEnd(32)} ${gas.toLocaleString('en')}\n`);
  }
}
