import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishWithdrawals } from '../../../../src/consent/feed/publish.js';
import { isoFromSeconds, secondsFromIso } from '../../../../src/core/time.js';
import {
  DAY,
  dateOf,
  makeSession,
  now,
  type Session,
} from '../../../support/consent/gate-fixture.js';
import { openMyNetwork, participantAt, release } from '../../../support/consent/my-network.js';
import { studyWallet } from '../../../support/consent/study-wallet.js';
import { HILLSIDE, LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../../support/names.js';

/** What a participant is told: over HTTP, from two hospitals, merged. */
let network: Awaited<ReturnType<typeof openMyNetwork>>;
let session: Session;
beforeAll(async () => {
  network = await openMyNetwork();
  session = await makeSession();
});
afterAll(() => network.close());

const BOTH = [LAKESHORE, RIVERSIDE];
let people = 0;
/** Ana, known and with a consent at Riverside. */
const participant = () => {
  people += 1;
  return participantAt(network.riverside, `patient-${people}`);
};

describe('my consents', () => {
  test('are what was signed, where it stands, its state, and what it lets through in words', async () => {
    const { wallet, handle } = await participant();
    const { data, codes } = await network.my(wallet, session, BOTH);
    expect(codes).toEqual([]);
    expect(data.my).toMatchObject({
      study: STUDY,
      pseudonym: String(wallet.pseudonym),
      complete: true,
      sources: BOTH.map((id) => ({ institution: { id }, status: 'OK' })),
      refused: [],
      consents: [
        {
          institution: { id: RIVERSIDE },
          handle,
          requester: '77',
          custodian: null,
          labels: [],
          duties: ['NPU'],
          purposes: ['HRESCH'],
          dataClasses: ['OBSERVATION'],
          state: 'ACTIVE',
          withdrawnAt: null,
        },
      ],
      disclosures: { nodes: [], complete: true },
    });
    expect(data.my.consents[0].explanation).toContain('This consent is in force.');
  });

  test('say that they were withdrawn, from the moment at which their institution knew', async () => {
    const { wallet } = await participant();
    await publishWithdrawals(network.riverside.feed, [String(wallet.secretOf(1n))]);
    const { data } = await network.my(wallet, session, [RIVERSIDE]);
    expect(data.my.consents).toMatchObject([
      { state: 'WITHDRAWN', withdrawnAt: isoFromSeconds(now) },
    ]);
  });

  test('of another study are not there, though the same key had signed them', async () => {
    const { wallet } = await participant();
    const { data } = await network.my(wallet, session, [RIVERSIDE], { study: OTHER_STUDY });
    expect(data.my).toMatchObject({ study: OTHER_STUDY, consents: [], complete: true });
  });
});

describe('my disclosures', () => {
  test('name who, what, when and why, also where another hospital has the consent', async () => {
    const { wallet, handle } = await participant();
    await release(network.riverside, wallet, { handle, at: now - 120, count: 3 });
    await release(network.lakeshore, wallet, { handle, at: now - 60, dataClass: 'CONDITION' });
    const { data } = await network.my(wallet, session, BOTH);
    expect(data.my.disclosures).toMatchObject({
      nodes: [
        {
          at: isoFromSeconds(now - 60),
          custodian: { id: LAKESHORE },
          handle,
          requester: '77',
          purpose: 'HRESCH',
          dataClass: 'CONDITION',
          count: 1,
        },
        { custodian: { id: RIVERSIDE }, requester: '77', dataClass: 'OBSERVATION', count: 3 },
      ],
    });
    const alone = await network.my(wallet, session, [LAKESHORE]);
    expect(alone.data.my.disclosures.nodes).toMatchObject([{ handle, requester: null }]);
  });

  test('come in pages over both hospitals, none twice and none left out, equal moments too', async () => {
    const { wallet } = await participant();
    const at = (i: number) => now - 100 - Math.floor(i / 3);
    const counts = Array.from({ length: 12 }, (_, i) => ({ at: at(i), count: i + 1 }));
    await release(network.riverside, wallet, ...counts);
    await release(
      network.lakeshore,
      wallet,
      ...counts.map((it) => ({ ...it, count: it.count + 50 })),
    );
    const seen: { at: string; custodian: { id: string }; count: number }[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 10; pages += 1) {
      const { data } = await network.my(wallet, session, BOTH, { first: 5, after });
      const { nodes, pageInfo } = data.my.disclosures;
      seen.push(...nodes);
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(new Set(seen.map(({ count }) => count)).size).toBe(24);
    expect(seen).toHaveLength(24);
    const [one] = (
      await network.my(wallet, session, BOTH, { first: 9 })
    ).data.my.disclosures.edges.slice(6);
    expect(one.node.count).toBe(seen[6]?.count);
    const behind = await network.my(wallet, session, BOTH, { first: 3, after: one.cursor });
    expect(behind.data.my.disclosures.nodes).toMatchObject(
      seen.slice(7, 10).map(({ count }) => ({ count })),
    );
    expect(seen.map((one) => one.at)).toEqual(
      seen
        .map((one) => one.at)
        .sort()
        .reverse(),
    );
  });

  test('of almost six years ago are listed, and older than asked for are not', async () => {
    const { wallet } = await participant();
    const elevenMonthsAfterFive = secondsFromIso('2020-11-03T07:06:40Z');
    expect(isoFromSeconds(now)).toBe('2026-10-03T07:06:40.000Z');
    await release(network.riverside, wallet, { at: elevenMonthsAfterFive }, { at: now - DAY });
    const since = (seconds: number) =>
      network.my(wallet, session, [RIVERSIDE], { since: dateOf(seconds) });
    const six = await since(secondsFromIso('2020-10-03T07:06:40Z'));
    expect(six.data.my.disclosures.nodes).toHaveLength(2);
    expect((await since(elevenMonthsAfterFive)).data.my.disclosures.nodes).toHaveLength(2);
    expect((await since(elevenMonthsAfterFive + 1)).data.my.disclosures.nodes).toHaveLength(1);
  });

  test('of a hospital that does not answer are missing, and it says so', async () => {
    const { wallet, handle } = await participant();
    await release(network.riverside, wallet, { handle });
    const { data } = await network.my(wallet, session, [HILLSIDE, RIVERSIDE]);
    const sources = [
      { institution: { id: HILLSIDE }, status: 'UNAVAILABLE' },
      { institution: { id: RIVERSIDE }, status: 'OK' },
    ];
    expect(data.my).toMatchObject({ complete: false, sources, consents: [{ handle }] });
    expect(data.my.disclosures).toMatchObject({ complete: false, sources, nodes: [{ handle }] });
  });
});

describe('the work of a node', () => {
  async function statementsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    network.statements.length = 0;
    await work();
    return [...network.statements];
  }

  test('is as many statements for nothing, for one and for hundreds of rows', async () => {
    const { wallet } = await participant();
    const page = () => network.my(wallet, session, [RIVERSIDE], { first: 1_000 });
    const one = (await statementsOf(page)).length;
    await release(network.riverside, wallet, ...Array.from({ length: 300 }, () => ({})));
    expect((await statementsOf(page)).length).toBe(one);
    // Two requests: permits and consents, then permits, consents and disclosures.
    expect(one).toBe(5);
  });

  test('is the same for a pseudonym that nobody has as for one of whom there is nothing', async () => {
    const { wallet } = await participantAtLakeshoreAlone();
    const stranger = studyWallet();
    const known = await statementsOf(() => network.my(wallet, session, [RIVERSIDE]));
    const unknown = await statementsOf(() => network.my(stranger, session, [RIVERSIDE]));
    expect(unknown).toEqual(known);
    const answers = await Promise.all(
      [wallet, stranger].map((one) => network.my(one, session, [RIVERSIDE])),
    );
    const [first, second] = answers.map(({ data }) => ({ ...data.my, pseudonym: '' }));
    expect(second).toEqual(first);
  });
  const participantAtLakeshoreAlone = () => participantAt(network.lakeshore, 'patient-alone');
});
