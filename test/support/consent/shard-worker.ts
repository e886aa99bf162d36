/**
 * A register at work, to be killed: it says what it finds when it starts, then registers, appends,
 * withdraws, erases and anchors until it is killed.
 *
 * Run: tsx test/support/consent/shard-worker.ts FOLDER [URL]
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Feed, openFeed } from '../../../src/consent/feed/feed.js';
import { publishWithdrawals } from '../../../src/consent/feed/publish.js';
import { eraseOwnConsents } from '../../../src/consent/registration/erasure.js';
import { registerConsent } from '../../../src/consent/registration/register-consent.js';
import { appendLeaves, prepareAnchor } from '../../../src/consent/shard/shard.js';
import { systemClock } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { openDatabaseServer } from '../../../src/store/open.js';
import { randomField } from '../../../src/zk/arithmetic/field.js';
import { findingsOf } from './shard-findings.js';
import { confirmRoot, note, readJournal } from './shard-journal.js';
import { knowStudy, linkedWallet, NETWORK, type StudyWallet } from './study-wallet.js';

const [folder = '', url] = process.argv.slice(2);
const journal = join(folder, 'journal');
const ledger = join(folder, 'ledger');
const institution = toInstitutionId('riverside-hospital');

interface Living {
  readonly index: number;
  readonly w: string;
}

const server = await openDatabaseServer(
  url === undefined ? { directory: join(folder, 'database') } : { url, poolSize: 4 },
);
const db = await server.open(institution);
const findings = await findingsOf(db, { journal, ledger });
process.stdout.write(`${JSON.stringify(findings)}\n`);

const feed = await openFeed({
  ...{
    db,
    institution,
    clock: systemClock,
    network: NETWORK,
    ledger: () => ({ chainId: 1, contract: `0x${'1'.repeat(40)}`, institutions: [] }),
  },
  keys: { sign: refuse, recover: refuse, acknowledge: refuse, acknowledgerOf: refuse },
});
await knowStudy(feed);
const wallet = await linkedWallet(feed, `patient-${Date.now()}`);
const living = livingOf(journal);
for (let serial = 1n; ; serial += 1n) {
  await work(serial);
  process.stdout.write('worked\n');
}

/** Nothing here is acknowledged: the ledger's part is played by a file. */
function refuse(): never {
  throw new Error('no signature is asked for here');
}

/** The consents that nobody has begun to end. */
function livingOf(file: string): Living[] {
  const entries = readJournal(file);
  const ended = new Set(entries.flatMap((one) => (one.kind === 'ending' ? [one.index] : [])));
  return entries.flatMap((one) =>
    one.kind === 'registered' && !ended.has(one.index) ? [{ index: one.index, w: one.w }] : [],
  );
}

/** In this order, so that every life anchors; how many leaves and whose consent is random. */
async function work(serial: bigint): Promise<void> {
  const step = Number(serial % 8n);
  if (step === 3 || step === 6 || step === 0) await anchor(feed);
  else if (step === 2) await append(randomInt(1, 120));
  else if (step === 5) await end('withdrawn', (w) => publishWithdrawals(feed, [w]));
  else if (step === 7)
    await end('erased', (w) => eraseOwnConsents(feed, wallet.erasure(feed.institution, [w])));
  else await register(wallet, serial);
}

async function register(of: StudyWallet, serial: bigint): Promise<void> {
  const { index, leaf } = await registerConsent(feed, of.consent(serial));
  const w = String(of.secretOf(serial));
  note(journal, { kind: 'registered', index, leaf: String(leaf), w });
  living.push({ index, w });
}

async function append(count: number): Promise<void> {
  const leaves = Array.from({ length: count }, randomField);
  const index = await db.transaction((tx) => appendLeaves(tx, leaves, 'ACCREDITATION'));
  note(journal, { kind: 'appended', index, leaves: leaves.map(String) });
}

async function end(kind: 'withdrawn' | 'erased', how: (w: string) => Promise<unknown>) {
  const [one] = living.splice(randomInt(Math.max(1, living.length)), 1);
  if (one === undefined) return;
  note(journal, { kind: 'ending', index: one.index });
  await how(one.w);
  note(journal, { kind, index: one.index });
}

async function anchor({ db: shard }: Feed): Promise<void> {
  const prepared = await prepareAnchor(shard);
  confirmRoot(ledger, prepared.shardRoot);
  await prepared.commit();
}
