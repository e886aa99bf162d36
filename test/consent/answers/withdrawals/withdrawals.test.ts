import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../../src/client/gateway/session.js';
import { publishWithdrawals } from '../../../../src/consent/feed/publish.js';
import { eraseConsents } from '../../../../src/consent/registration/erasure.js';
import { registerConsent } from '../../../../src/consent/registration/register-consent.js';
import { withdrawalHeld } from '../../../../src/consent/tables/table-held.js';
import { handleOf } from '../../../../src/zk/leaf.js';
import { feedOver } from '../../../support/consent/gate-feed.js';
import { DAY, now, snapshotOf } from '../../../support/consent/gate-fixture.js';
import { linkedWallet } from '../../../support/consent/study-wallet.js';
import { LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../../support/names.js';
import {
  ANA_ELSEWHERE,
  BEN,
  CLEO,
  DORA,
  type Whom,
} from '../../../support/records/attack-people.js';
import { permitFor } from '../../../support/records/attacks.js';
import {
  type GatedNetwork,
  type GatedNode,
  showStored,
  startGatedNetwork,
} from '../../../support/records/gated-network.js';

/*
 * A portal learns that participants withdrew. Each test has sessions and secrets of its own; both
 * hospitals were shown what a session was shown, unless a test says otherwise.
 */
const root = 7n;
const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
let network: GatedNetwork;
let serial = 1_000n;

beforeAll(async () => {
  network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot });
});
afterAll(() => network.stop());

const WITHDRAWALS = `query ($study: ID!, $first: Int, $after: String, $wait: Int) {
  withdrawals(study: $study, first: $first, after: $after, waitSeconds: $wait) {
    edges { cursor node { pseudonym handle endedAt custodian { id } } }
    pageInfo { hasNextPage endCursor } repeated complete sources { institution { id } status } } }`;

interface Answered {
  readonly rows: readonly string[];
  readonly cursor: string | null;
  readonly hasNextPage: boolean;
  readonly repeated: boolean;
  readonly complete: boolean;
  readonly statuses: readonly string[];
}

async function told(session: Session | undefined, variables: object = {}): Promise<Answered> {
  const query = { query: WITHDRAWALS, variables: { study: STUDY, ...variables } };
  const { json } = await network.send(JSON.stringify(query), session);
  if (json.errors !== undefined) return refusedBy(json.errors[0].extensions.code);
  const { edges, pageInfo, repeated, complete, sources } = json.data.withdrawals;
  return {
    rows: edges.map(
      ({ node }: { node: { pseudonym: string; custodian: { id: string } } }) =>
        `${node.pseudonym} ${node.custodian.id}`,
    ),
    cursor: pageInfo.endCursor,
    hasNextPage: pageInfo.hasNextPage,
    repeated,
    complete,
    statuses: sources.map(({ status }: { status: string }) => status),
  };
}

/** What is no answer has no rows: a test that expects some fails by the code. */
function refusedBy(code: string): Answered {
  return { code } as unknown as Answered;
}

/** A participant, and the secret of the consent that is presented. */
function consentOf(whom: Whom) {
  serial += 1n;
  const secret = serial;
  return { permit: permitFor(whom, { handle: String(handleOf(secret)) }), secret: String(secret) };
}
type Consent = ReturnType<typeof consentOf>;

const both = () => [network.riverside, network.lakeshore];
const portalOf = (consents: readonly Consent[], at = both()) =>
  showStored(
    at,
    consents.map(({ permit }) => permit),
    { root, epoch: 1 },
  );

async function withdraw({ secret }: Consent, at: readonly GatedNode[] = both()) {
  for (const { db, institution } of at) {
    await publishWithdrawals(await feedOver(db, institution), [secret]);
  }
}

async function timed<T>(work: Promise<T>): Promise<{ ms: number; answer: T }> {
  const start = performance.now();
  const answer = await work;
  return { ms: performance.now() - start, answer };
}

const at = ({ permit }: Consent, institution: string) => `${permit.pseudonym} ${institution}`;

describe('a portal that waits', () => {
  test('learns of a withdrawal as soon as one institution has it', async () => {
    const [ben, dora] = [consentOf(BEN), consentOf(DORA)];
    const portal = await portalOf([ben, dora]);
    const waiting = timed(told(portal, { wait: 25 }));
    await delay(500);
    const withdrawn = performance.now();
    await withdraw(ben, [network.riverside]);
    const { answer } = await waiting;
    expect(performance.now() - withdrawn).toBeLessThan(5_000);
    expect(answer).toMatchObject({ rows: [at(ben, RIVERSIDE)], complete: true, repeated: false });
  });

  test('is answered empty at the end, and goes on from where it was', async () => {
    const [ben, dora] = [consentOf(BEN), consentOf(DORA)];
    const portal = await portalOf([ben, dora]);
    await withdraw(ben);
    const { cursor, rows } = await told(portal, { wait: 25 });
    expect(rows).toEqual([at(ben, LAKESHORE), at(ben, RIVERSIDE)]);
    const { ms, answer } = await timed(told(portal, { after: cursor, wait: 1 }));
    expect(answer).toMatchObject({ rows: [], complete: true, repeated: false });
    expect(ms).toBeGreaterThanOrEqual(950);
    await withdraw(dora, [network.lakeshore]);
    expect(await told(portal, { after: cursor })).toMatchObject({ rows: [at(dora, LAKESHORE)] });
  });

  test('learns it when every participant has withdrawn, though nothing is open any more', async () => {
    const cleo = consentOf(CLEO);
    const portal = await portalOf([cleo]);
    await withdraw(cleo);
    expect(await told(portal, { wait: 5 })).toMatchObject({
      rows: [at(cleo, LAKESHORE), at(cleo, RIVERSIDE)],
      statuses: ['OK', 'OK'],
    });
  });

  test('learns of a secret that is held and not published yet', async () => {
    const ben = consentOf(BEN);
    const portal = await portalOf([ben]);
    const { handle } = ben.permit;
    const until = now + DAY;
    const held = { handle, w: ben.secret, origin: RIVERSIDE, at: now, until, offerAt: until };
    await network.riverside.db.transaction((tx) => tx.insert(withdrawalHeld).values(held));
    const { cursor, rows } = await told(portal);
    expect(rows).toEqual([at(ben, RIVERSIDE)]);
    await withdraw(ben, [network.riverside]);
    expect(await told(portal, { after: cursor })).toMatchObject({ rows: [], repeated: false });
  });

  test('reads pages, each cursor continuing at every institution', async () => {
    const consents = [consentOf(BEN), consentOf(CLEO), consentOf(DORA)];
    const portal = await portalOf(consents);
    for (const one of consents) await withdraw(one);
    const rows: string[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const page: Answered = await told(portal, { first: 2, after });
      rows.push(...page.rows);
      [after, more] = [page.cursor, page.hasNextPage];
    }
    const all = consents.flatMap((one) => [at(one, LAKESHORE), at(one, RIVERSIDE)]);
    expect(rows.sort()).toEqual(all.sort());
  });

  test('holds no turn: others are answered meanwhile', async () => {
    const [ben, dora] = [consentOf(BEN), consentOf(DORA)];
    const portal = await portalOf([ben]);
    const waiting = Array.from({ length: 4 }, () => told(portal, { wait: 1 }));
    await delay(300);
    const other = await portalOf([dora]);
    await withdraw(dora);
    expect(await told(other)).toMatchObject({ complete: true, rows: { length: 2 } });
    await Promise.all(waiting);
  });
});

describe('erasure', () => {
  test('is told like a withdrawal, though what was presented is deleted', async () => {
    const { db, institution } = network.lakeshore;
    const feed = await feedOver(db, institution);
    const wallet = await linkedWallet(feed, randomUUID());
    const signed = wallet.consent(1n);
    await registerConsent(feed, signed);
    const whom = { study: STUDY, pseudonym: String(signed.fields.pseudonym) };
    const handle = String(signed.fields.handle);
    const permit = permitFor(whom, { handle });
    const portal = await showStored([network.lakeshore], [permit], { root, epoch: 1 });
    expect(await eraseConsents(feed, [handle])).toBe(1);
    expect(await told(portal)).toMatchObject({ rows: [`${whom.pseudonym} ${LAKESHORE}`] });
  });
});

describe('nobody else', () => {
  test('is told: neither who presented others, nor another study, nor who presented nothing', async () => {
    const [ben, dora, ana] = [consentOf(BEN), consentOf(DORA), consentOf(ANA_ELSEWHERE)];
    const portal = await portalOf([ben, ana]);
    const other = await portalOf([dora]);
    const stranger = await portalOf([]);
    await withdraw(ben);
    await withdraw(ana);
    expect(await told(other)).toMatchObject({ rows: [], statuses: ['OK', 'OK'] });
    const nothing = { rows: [], cursor: null, statuses: ['NOT_PRESENTED', 'NOT_PRESENTED'] };
    expect(await told(stranger)).toMatchObject(nothing);
    expect(await told(stranger, { study: 'NCT99999999' })).toMatchObject(nothing);
    const elsewhere = await told(portal, { study: OTHER_STUDY });
    expect(elsewhere.rows).toEqual([at(ana, LAKESHORE), at(ana, RIVERSIDE)]);
    const here = await told(portal);
    expect(here.rows).toEqual([at(ben, LAKESHORE), at(ben, RIVERSIDE)]);
    // Another's cursor opens nothing: it is a place that is not known.
    expect(await told(other, { after: here.cursor })).toMatchObject({ rows: [], repeated: true });
    expect(await told(undefined)).toEqual({ code: 'TOKEN_MISSING' });
  });

  test('waits who has presented nothing', async () => {
    const { ms } = await timed(told(await portalOf([]), { wait: 25 }));
    expect(ms).toBeLessThan(5_000);
  });

  test.each([
    ['a cursor that was never given', { after: 'x' }],
    ['a place that is none', { after: Buffer.from('["a","!"]').toString('base64url') }],
    ['a longer wait', { wait: 26 }],
    ['a wait that is none', { wait: -1 }],
    ['a page without rows', { first: 0 }],
  ])('is answered for %s', async (_what, variables) => {
    const portal = await portalOf([consentOf(BEN)]);
    expect(await told(portal, variables)).toEqual({ code: 'BAD_INPUT' });
  });
});

describe('many who wait', () => {
  test('are bounded: a fifth question of a token ends the first', async () => {
    const portal = await portalOf([consentOf(BEN)]);
    const first = timed(told(portal, { wait: 20 }));
    await delay(500);
    const rest = Array.from({ length: 4 }, () => told(portal, { wait: 2 }));
    expect((await first).ms).toBeLessThan(10_000);
    expect((await first).answer).toMatchObject({ rows: [], complete: true });
    await Promise.all(rest);
  });
});

// These end nodes, so they come last.
describe('a node that', () => {
  test('was started again tells all from its beginning, and says so', async () => {
    const [ben, dora] = [consentOf(BEN), consentOf(DORA)];
    const portal = await portalOf([ben, dora]);
    await withdraw(ben);
    const { cursor } = await told(portal);
    await network.riverside.restart();
    await withdraw(dora, [network.riverside]);
    const again = await told(portal, { after: cursor });
    expect(again).toMatchObject({ repeated: true, complete: true });
    expect([...again.rows].sort()).toEqual([at(ben, RIVERSIDE), at(dora, RIVERSIDE)].sort());
    expect(await told(portal, { after: again.cursor })).toMatchObject({
      rows: [],
      repeated: false,
    });
  });

  test('stops answers those who wait at once, and is told as silent then', async () => {
    const ben = consentOf(BEN);
    const portal = await portalOf([ben]);
    const alone = await portalOf([ben], [network.lakeshore]);
    const waiting = timed(told(alone, { wait: 25 }));
    await delay(500);
    const stopping = await timed(network.lakeshore.stop());
    expect(stopping.ms).toBeLessThan(4_000);
    expect((await waiting).ms).toBeLessThan(8_000);
    expect((await waiting).answer).toMatchObject({ rows: [], complete: false });
    await withdraw(ben, [network.riverside]);
    expect(await told(portal, { wait: 5 })).toMatchObject({
      rows: [at(ben, RIVERSIDE)],
      complete: false,
      statuses: ['UNAVAILABLE', 'OK'],
    });
  });
});
