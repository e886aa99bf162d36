import { createHash } from 'node:crypto';
import { type Hex, keccak256, type Log, numberToHex, type Transaction } from 'viem';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { syncFeeds } from '../../../src/consent/feed/sync.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { consentLeaf } from '../../../src/zk/leaf.js';
import { openAnchoredNetwork } from '../consent/anchored-network.js';
import { knowStudy, linkedWallet } from '../consent/study-wallet.js';
import { IS_LONG } from '../is-long.js';
import { at } from '../ledger/small-network.js';

export type RunNetwork = Awaited<ReturnType<typeof openAnchoredNetwork>>;

/** What no observer of the chain may learn of one consent. */
export interface Secrets {
  readonly leaf: bigint;
  readonly handle: bigint;
  readonly w: bigint;
  readonly pseudonym: bigint;
  readonly salt: bigint;
}

/** What everybody who reads the chain has of one transaction. */
export interface Published {
  readonly transaction: Transaction;
  readonly logs: readonly Log[];
  readonly gasUsed: bigint;
}

/** One interval: every institution anchors once. */
export interface Interval {
  readonly registered: number;
  readonly withdrawn: number;
  /** By slot. */
  readonly anchors: readonly Published[];
}

export interface PilotRun {
  readonly network: RunNetwork;
  readonly consents: readonly Secrets[];
  readonly intervals: readonly Interval[];
  /** All transactions since the chain began, the network's making included. */
  readonly published: readonly Published[];
}

/** Consents and withdrawals of a run. Registering one takes a third of a second. */
export const TOTAL = IS_LONG
  ? ({ registered: 200, withdrawn: 20 } as const)
  : ({ registered: 40, withdrawn: 4 } as const);

/** What happens in each interval, over all institutions; in two of them nothing. */
const PLAN = [
  { registered: 0, withdrawn: 0 },
  { registered: TOTAL.registered * 0.6, withdrawn: 0 },
  { registered: 0, withdrawn: 0 },
  { registered: TOTAL.registered * 0.4 - 1, withdrawn: 1 },
  { registered: 1, withdrawn: TOTAL.withdrawn - 1 },
  { registered: 0, withdrawn: 0 },
] as const;

/** Plays a pilot of the real parts but HTTP: registers, feeds, acknowledgements, the contract on a chain. */
export async function playPilot(size: number): Promise<PilotRun> {
  const network = await openAnchoredNetwork(size);
  for (const { feed } of network.nodes) await knowStudy(feed);
  const consents: Secrets[] = [];
  const intervals: Interval[] = [];
  let withdrawnSoFar = 0;
  for (const { registered, withdrawn } of PLAN) {
    for (let i = 0; i < registered; i += 1) {
      consents.push(await registerOne(network, consents.length));
    }
    for (let i = 0; i < withdrawn; i += 1, withdrawnSoFar += 1) {
      const { feed } = at(network.nodes, withdrawnSoFar % size);
      await publishWithdrawals(feed, [String(at(consents, withdrawnSoFar).w)]);
    }
    for (const { feed } of network.nodes) await syncFeeds(feed, network.peers);
    intervals.push({ registered, withdrawn, anchors: await anchorAll(network) });
  }
  return { network, consents, intervals, published: await readFrom(network, 1n) };
}

async function registerOne({ nodes }: RunNetwork, nth: number): Promise<Secrets> {
  const { feed } = at(nodes, nth % nodes.length);
  const wallet = await linkedWallet(feed, `patient-${nth}`);
  const signed = wallet.consent(1n);
  await registerConsent(feed, signed);
  const { handle, pseudonym, salt } = signed.fields;
  return { leaf: consentLeaf(signed.fields), handle, w: wallet.secretOf(1n), pseudonym, salt };
}

async function anchorAll(network: RunNetwork): Promise<Published[]> {
  const { client } = network.register.ledger;
  const before = await client.getBlockNumber();
  for (const { anchoring } of network.nodes) await anchoring.anchorNow();
  return readFrom(network, before + 1n);
}

/** Every transaction from a block on. The chain keeps 64 blocks: one that had none any more would be missed. */
async function readFrom({ register }: RunNetwork, from: bigint): Promise<Published[]> {
  const { client } = register.ledger;
  const head = await client.getBlockNumber();
  const all: Published[] = [];
  for (let blockNumber = from; blockNumber <= head; blockNumber += 1n) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const transaction of block.transactions) {
      const { logs, gasUsed } = await client.getTransactionReceipt({ hash: transaction.hash });
      all.push({ transaction, logs, gasUsed });
    }
  }
  return all;
}

/** All that a run published, as one text of hexadecimal digits. */
export function hexOf(published: readonly Published[]): string {
  const texts = published.flatMap(({ transaction, logs }) => [
    transaction.input,
    ...logs.flatMap(({ topics, data }) => [...topics, data]),
  ]);
  return texts.map((text) => text.slice(2).toLowerCase()).join('|');
}

/** The forms in which a value could stand there: itself, its bytes turned round, its digits, and its bare hashes. */
export function formsOf(value: bigint): string[] {
  const bytes = Buffer.from(numberToHex(value, { size: 32 }).slice(2), 'hex');
  const sha256 = (of: Buffer | string) => createHash('sha256').update(of).digest('hex');
  const digits = Buffer.from(String(value));
  return [
    // Its last 30 bytes: whatever it is packed with, they stay together.
    bytes.subarray(2).toString('hex'),
    Buffer.from(bytes).reverse().toString('hex').slice(0, 60),
    digits.toString('hex'),
    keccak256(bytes).slice(2),
    sha256(bytes),
    keccak256(digits).slice(2),
    sha256(digits),
  ];
}

/** What an anchor looks like to who cannot open its hashes. */
export function shapeOf({ transaction, logs, gasUsed }: Published) {
  return {
    to: transaction.to,
    selector: transaction.input.slice(0, 10),
    inputLength: transaction.input.length,
    value: transaction.value,
    logs: logs.map(({ topics, data }) => [topics.length, topics[0], data.length]),
    // What the bytes themselves cost depends on how many happen to be zero; the rest is what was done.
    executionGas: gasUsed - callDataGas(transaction.input),
  };
}

/** @source EIP-2028: 16 a byte, 4 a zero byte */
function callDataGas(input: Hex): bigint {
  const bytes = Buffer.from(input.slice(2), 'hex');
  return bytes.reduce((gas, byte) => gas + (byte === 0 ? 4n : 16n), 0n);
}
