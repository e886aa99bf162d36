/**
 * What the register costs with a million leaves present: whole consents registered, leaves appended
 * and overwritten until they are under a root, and a restart. Everything is the product's own path:
 * the million was appended in batches and anchored, hashes and pages included.
 *
 * Run: npm run bench:register [-- --json] [--postgres] [--leaves 1000000]
 *
 * The embedded database by default; PostgreSQL with --postgres (one of its own, from the programs on
 * this machine) or where DATABASE_URL names one, in a schema that is dropped afterwards. Progress and
 * figures by wall clock and by this process's CPU time go to stderr; the last line of stdout is JSON,
 * by wall clock. Nothing is left behind.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { registerConsent } from '../src/consent/registration/register-consent.js';
import { overwriteLeaves } from '../src/consent/shard/leaf-store.js';
import { appendLeaves, prepareAnchor } from '../src/consent/shard/shard.js';
import { systemClock } from '../src/core/clock.js';
import { toInstitutionId } from '../src/core/ids.js';
import type { Database } from '../src/store/database.js';
import { randomField } from '../src/zk/arithmetic/field.js';
import { EMPTY_LEAF } from '../src/zk/leaf.js';
import { knowStudy, linkedWallet, type StudyWallet } from '../test/support/consent/study-wallet.js';
import { measureRestart } from './register/restart.js';
import { openBenchStore } from './register/store.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    leaves: { type: 'string', default: '1000000' },
  },
});
/** Places that the measurements below fill up to the last leaf of a shard. */
const BATCH = 8_192;
const OVERWRITES = 10_000;
const CONSENTS = 800;
/** Consents under way at the same time. */
const AT_ONCE = 32;
const leavesPresent = Number(values.leaves);

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** Work done a second, by wall clock and by what this process computed. */
async function rateOf(what: string, units: number, work: () => Promise<unknown>): Promise<Rate> {
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(startCpu);
  const rate = {
    perSecond: units / ((performance.now() - startMs) / 1_000),
    perCpuSecond: units / ((user + system) / 1_000_000),
  };
  const [wall, cpu] = [Math.round(rate.perSecond), Math.round(rate.perCpuSecond)];
  say(`${what.padEnd(52)} ${wall}/s by the clock, ${cpu}/s of CPU`);
  return rate;
}

async function anchor(db: Database): Promise<void> {
  await (await prepareAnchor(db)).commit();
}

const newLeaves = (count: number) => Array.from({ length: count }, randomField);

async function appendAnchored(db: Database, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const leaves = newLeaves(Math.min(BATCH, count - done));
    await db.transaction((tx) => appendLeaves(tx, leaves, 'CONSENT'));
    await anchor(db);
    if ((done / BATCH) % 16 === 15) say(`${done + leaves.length} of ${count} leaves`);
  }
}

/** Distinct indexes, uniform over the leaves present. */
function uniformIndexes(count: number): number[] {
  if (count > leavesPresent) throw new RangeError(`--leaves: at least ${count}`);
  const indexes = new Set<number>();
  while (indexes.size < count) indexes.add(1 + (randomBytes(4).readUInt32LE() % leavesPresent));
  return [...indexes];
}

async function measureRegistering(db: Database): Promise<Rate> {
  const institution = toInstitutionId('riverside-hospital');
  const context = { db, institution, clock: systemClock };
  await knowStudy(context);
  const wallets: StudyWallet[] = [];
  for (let i = 0; i < 20; i += 1) wallets.push(await linkedWallet(context, `patient-${i}`));
  const signed = Array.from({ length: CONSENTS }, (_, i) => {
    const wallet = wallets[i % wallets.length];
    if (wallet === undefined) throw new RangeError('a wallet each');
    return wallet.consent(BigInt(1 + i));
  });
  const half = signed.length / 2;
  await rateOf('whole consents, one after the other', half, async () => {
    for (const consent of signed.slice(0, half)) await registerConsent(context, consent);
  });
  return rateOf(`whole consents, ${AT_ONCE} at a time`, half, () =>
    atOnce(signed.slice(half), (consent) => registerConsent(context, consent)),
  );
}

/** As wallets do it: each waits for its own answer, none for the others'. */
async function atOnce<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const one = async () => {
    for (let item = items.shift(); item !== undefined; item = items.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const store = await openBenchStore({ postgres: values.postgres });
say(`${store.engine}, ${leavesPresent} leaves present`);
try {
  const { db } = store;
  await rateOf('filling: batches of 8,192, anchored', leavesPresent, () =>
    appendAnchored(db, leavesPresent),
  );
  const appends = await rateOf('appends in batches, under a root', 4 * BATCH, () =>
    appendAnchored(db, 4 * BATCH),
  );
  const updates = await rateOf(`${OVERWRITES} overwrites, under a root`, OVERWRITES, async () => {
    const indexes = uniformIndexes(OVERWRITES);
    await db.transaction((tx) => overwriteLeaves(tx, indexes, EMPTY_LEAF));
    await anchor(db);
  });
  const registering = await measureRegistering(db);
  await store.close();
  const { restartMs, rssMb } = await measureRestart(store.named);
  say(`restart to the first path served and the first append ${restartMs} ms, ${rssMb} MB`);
  const result = {
    registerPerSecond: Math.round(registering.perSecond),
    appendsPerSecond: Math.round(appends.perSecond),
    updatesPerSecond: Math.round(updates.perSecond),
    restartMs,
    rssMb,
  };
  process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`);
} finally {
  await store.remove();
}
