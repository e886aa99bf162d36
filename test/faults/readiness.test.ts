import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/process/ports.js';
import { type RunningGateway, startGateway } from '../../src/cli/serve/gateway.js';
import { newSession } from '../../src/client/gateway/session.js';
import { publishWithdrawals } from '../../src/consent/feed/publish.js';
import { presentation } from '../../src/consent/tables/table-presentation.js';
import { systemClock } from '../../src/core/clock.js';
import { toStudyId } from '../../src/core/ids.js';
import { loadConfig } from '../../src/core/settings/config.js';
import { loadStatements } from '../../src/zk/verify/verify.js';
import { KEYS } from '../support/consent/gate-fixture.js';
import { startLoopbackNetwork } from '../support/consent/loopback-network.js';
import { expectFault } from '../support/faults/table.js';
import { newGatewayKey } from '../support/network/stand.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const WITHIN = { timeout: 15_000, interval: 250 };
const NO_CADENCE_SECONDS = 3_600;
/** The node that each fault befalls; the others are the rightful ones beside it. */
const FAULTY = 3;
const MINUTES = 60_000;
const DAY_SECONDS = 86_400;
const STUDY = toStudyId('northwind-trials--s1');

const home = mkdtempSync(join(tmpdir(), 'assent-ready-'));
const disk = join(home, 'disk');
const lines: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
const ownEngine = await openFreshPglite();
const gatewayKey = await newGatewayKey();
const session = await newSession();
let network: Awaited<ReturnType<typeof startLoopbackNetwork>>;
let gateway: RunningGateway;
let isMounted = false;

beforeAll(async () => {
  mkdirSync(disk);
  isMounted = mount();
  const db = await ownEngine.open('institution-3');
  const flags = { cadenceSeconds: NO_CADENCE_SECONDS, acknowledgementQuorum: 2 };
  const config = loadConfig({ env: {}, flags: { ...flags, ledgerMaxAgeSeconds: 8 } });
  network = await startLoopbackNetwork({
    size: 4,
    cadenceSeconds: NO_CADENCE_SECONDS,
    more: (slot) => ({ log, config, ...(slot === FAULTY ? { db, stateFolder: disk } : {}) }),
  });
  await keepShown();
  const { register, chain } = network;
  gateway = await startGateway({
    config: { ...config, gatewayPort: await findFreePort() },
    gatewayKey,
    register,
    rpcUrls: [chain.anvil.url],
    vkeyHashes: {},
    log,
    landing: async () => ({ document: '{ __typename }', headers: {} }),
  });
}, 120_000);
afterAll(async () => {
  await gateway.stop();
  await network.close();
  if (isMounted) execFileSync('umount', ['--lazy', disk]);
  rmSync(home, { recursive: true, force: true });
}, 60_000);
beforeEach(() => lines.splice(0));

/** A file system of a megabyte: only the system's administrator may make one. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a part says of itself, its status first. It names no host. */
async function readyzAt(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/readyz`);
  const body = await answer.text();
  expect(body).not.toMatch(/127\.0\.0\.1|localhost|:\d{4}|\//);
  return [String(answer.status), ...(JSON.parse(body).codes ?? [])];
}
const readyz = (slot: number) => readyzAt(network.node(slot).url);

/** What the faulty node keeps of a consent that the session has shown it, and no other node. */
async function keepShown(): Promise<void> {
  const { consent: keyHash } = await loadStatements(KEYS);
  const { db, watch } = network.node(FAULTY);
  const { root, epoch } = watch.current();
  const nowSeconds = systemClock.nowSeconds();
  const expires = nowSeconds + DAY_SECONDS;
  const presented = { asOf: nowSeconds, presentedAt: nowSeconds, expires };
  const row: typeof presentation.$inferInsert = {
    id: 'shown',
    statement: 'consent',
    holder: session.thumbprint,
    study: STUDY,
    nym: '5' as never,
    handle: '7',
    purpose: 'CLINTRCH',
    dataClasses: ['OBSERVATION'],
    labels: [],
    duties: [],
    windowFrom: 0,
    windowUntil: expires,
    role: null,
    party: '',
    root: root.toString(),
    epoch,
    keyHash,
    ...presented,
  };
  await db.transaction((tx) => tx.insert(presentation).values(row));
}

/** Asks the gateway for the study that the session has shown a consent to. */
async function ask(by = session): Promise<readonly string[]> {
  const token = await by.signToken({ audience: gatewayKey.thumbprint, seconds: 300 });
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: `{ study(id: "${STUDY}") { id } }` }),
  });
  const { data, errors = [] } = (await answer.json()) as {
    data?: { readonly study: object | null };
    errors?: readonly { readonly extensions: { readonly code: string } }[];
  };
  if (errors.length > 0) return errors.map(({ extensions }) => extensions.code);
  // Null is a lie here, whatever fails: the consent was shown and has not ended.
  return [data?.study ? 'whole' : 'null'];
}

/** Asks for it as somebody who has shown nothing. */
const stranger = async () => ask(await newSession());

const logged = () => lines.map((line) => JSON.parse(line).msg);

/** Waits until the faulty node says these, and holds all that was seen meanwhile to the row of that fault. */
async function observe(...expected: readonly string[]): Promise<Parameters<typeof expectFault>[1]> {
  await expect.poll(() => readyz(FAULTY), WITHIN).toEqual(expected);
  return { health: await readyz(FAULTY), answer: await ask(), log: logged() };
}

test('a node says in its health what it is behind with, and names no host', async () => {
  const health = await (await fetch(`${network.node(0).url}/health`)).json();
  expect(health).toMatchObject({ status: 'ok', feeds: { behind: [], forked: [] } });
  expect(JSON.stringify(health)).not.toContain('127.0.0.1');
});

test('clock-apart: a node whose clock is two minutes behind notices, and the others stay ready', async () => {
  expect(await observe('200')).toMatchObject({ answer: ['whole'], log: [] });
  await network.node(FAULTY).advance(-2 * MINUTES);
  expectFault('clock-apart', await observe('503', 'CLOCK_APART'));
  expect(await readyz(0)).toEqual(['200']);
  await network.node(FAULTY).advance(2 * MINUTES);
  await expect.poll(() => readyz(FAULTY), WITHIN).toEqual(['200']);
  await expect.poll(() => ask(), WITHIN).toEqual(['whole']);
}, 60_000);

test('disk-full: a node whose state folder takes no file says so, and answers from what it has', async ({
  skip,
}) => {
  if (!isMounted) skip('only an administrator may mount a small file system');
  const filling = join(disk, 'filling');
  // Until the system says that there is no space left.
  expect(() => writeFileSync(filling, Buffer.alloc(2 * 1024 * 1024))).toThrow(/ENOSPC/);
  expectFault('disk-full', await observe('503', 'STATE_UNWRITABLE'));
  rmSync(filling);
  await expect.poll(() => readyz(FAULTY), WITHIN).toEqual(['200']);
}, 60_000);

test('evidence-lost: a node that cannot open what it anchored says so', async () => {
  const { db, anchoring, watch } = network.node(FAULTY);
  await anchoring.anchorNow();
  await watch.refresh();
  await expect.poll(() => readyz(FAULTY), WITHIN).toEqual(['200']);
  await db.transaction(async (tx) => {
    await tx.execute(sql`CREATE TABLE set_aside AS SELECT * FROM feed_digest`);
    await tx.execute(sql`DELETE FROM feed_digest`);
  });
  expectFault('evidence-lost', await observe('503', 'EVIDENCE_INCONSISTENT'));
  expect(await readyz(0)).toEqual(['200']);
  await db.transaction((tx) => tx.execute(sql`INSERT INTO feed_digest SELECT * FROM set_aside`));
  await expect.poll(() => readyz(FAULTY), WITHIN).toEqual(['200']);
}, 60_000);

test('feed-gap: a node that is cut off from the others serves no consent, and says why', async () => {
  const faulty = network.node(FAULTY);
  expect(await ask()).toEqual(['whole']);
  faulty.cutOff(true);
  await publishWithdrawals(network.node(0).feed, ['1001']);
  await network.node(0).anchoring.anchorNow();
  // So it has to be complete again at once, and not within two minutes.
  await faulty.restart();
  // It hears nobody, but the gateway reaches it.
  faulty.wire.meddle(undefined);
  // Who has shown nothing is told so: no node is silent.
  await expect.poll(() => stranger(), WITHIN).toEqual(['null']);
  expectFault('feed-gap', await observe('503', 'FEED_GAP'));
  expect(await readyz(0)).toEqual(['200']);
  faulty.cutOff(false);
  await expect.poll(() => readyz(FAULTY), { ...WITHIN, timeout: 30_000 }).toEqual(['200']);
  await expect.poll(() => ask(), WITHIN).toEqual(['whole']);
}, 90_000);

test('part-stopping: a node that is about to stop says so first, and still answers', async () => {
  network.node(0).beginStop();
  const observed = { health: await readyz(0), answer: await ask(), log: logged() };
  expectFault('part-stopping', observed);
  expect(await readyz(1)).toEqual(['200']);
});

test('database-gone: a node without its database says so, and its rows are told to be missing', async () => {
  await ownEngine.close();
  expectFault('database-gone', await observe('503', 'DATABASE_UNAVAILABLE'));
  expect(await readyz(1)).toEqual(['200']);
}, 60_000);

test('ledger-silent: without its ledger nothing is ready, and nothing is decided', async () => {
  await network.chain.anvil.stop();
  await expect
    .poll(() => readyz(1), { ...WITHIN, timeout: 20_000 })
    .toEqual(['503', 'LEDGER_UNAVAILABLE']);
  await expect.poll(() => readyzAt(gateway.url), WITHIN).toEqual(['503', 'LEDGER_UNAVAILABLE']);
  lines.splice(0);
  const health = await readyzAt(gateway.url);
  expectFault('ledger-silent', { health, answer: await ask(), log: logged() });
}, 60_000);
