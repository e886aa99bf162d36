import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../src/client/gateway/session.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { openPostgres } from '../../../src/store/postgres.js';
import { DAY, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, OTHER_STUDY, RIVERSIDE, STUDY } from '../../support/names.js';
import { admit, BEN } from '../../support/records/attack-people.js';
import { permitFor } from '../../support/records/attacks.js';
import {
  type GatedNetwork,
  type Ground,
  showStored,
  startGatedNetwork,
} from '../../support/records/gated-network.js';
import {
  HAS_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../../support/store/postgres-server.js';

const root = 7n;
const snapshot = snapshotOf({ root, anchoredAt: now - DAY });
const QUERY = `query ($id: ID!) { study(id: $id) {
  complete sources { institution { id } status } access { presented }
  participants { complete nodes { pseudonym demographics { complete nodes { birthYear } } } } } }`;

/** A portal that was shown Ben's consent at Riverside, and nothing at Lakeshore. */
async function begin(ground: Ground = {}) {
  const network = await startGatedNetwork({ atSeconds: now, snapshot: () => snapshot }, [], ground);
  const { riverside, lakeshore } = network;
  await admit(riverside.db, 'ben');
  const portal = await showStored([riverside, lakeshore], [permitFor(BEN)], { root, epoch: 1 });
  return { network, portal };
}

async function ask(network: GatedNetwork, id: string, session: Session | undefined) {
  const body = JSON.stringify({ query: QUERY, variables: { id } });
  const { json } = await network.send(body, session);
  const errors: readonly { readonly extensions: object }[] = json.errors ?? [];
  return { study: json.data?.study, errors: errors.map(({ extensions }) => extensions) };
}

const UNKNOWN = {
  study: null,
  errors: [expect.objectContaining({ code: 'SOURCE_UNAVAILABLE', retry: 'LATER' })],
};
const NOTHING = { study: null, errors: [] };

describe('a study, while every custodian answers', () => {
  let parts: Awaited<ReturnType<typeof begin>>;
  beforeAll(async () => {
    parts = await begin();
  });
  afterAll(() => parts.network.stop());

  test('is whole, and says who was asked', async () => {
    const { study, errors } = await ask(parts.network, STUDY, parts.portal);
    expect(errors).toEqual([]);
    expect(study).toMatchObject({ complete: true, access: { presented: 1 } });
    expect(study.sources).toEqual([
      { institution: { id: LAKESHORE }, status: 'OK' },
      { institution: { id: RIVERSIDE }, status: 'OK' },
    ]);
    const [ben] = study.participants.nodes;
    expect(ben).toMatchObject({ pseudonym: BEN.pseudonym, demographics: { complete: true } });
  });

  test('that nothing opens is null, and that is an answer', async () => {
    expect(await ask(parts.network, OTHER_STUDY, parts.portal)).toEqual(NOTHING);
    expect(await ask(parts.network, STUDY, undefined)).toEqual(NOTHING);
  });
});

/** One of two custodians is there: what it opens is shown, what it does not is not known. */
async function expectHalf({ network, portal }: Awaited<ReturnType<typeof begin>>) {
  const { study, errors } = await ask(network, STUDY, portal);
  expect(errors).toEqual([]);
  expect(study).toMatchObject({ complete: false, access: { presented: 1 } });
  expect(study.sources).toContainEqual({ institution: { id: RIVERSIDE }, status: 'OK' });
  expect(study.participants.complete).toBe(false);
  const [ben] = study.participants.nodes;
  expect(ben).toMatchObject({ pseudonym: BEN.pseudonym, demographics: { complete: false } });
  expect(await ask(network, OTHER_STUDY, portal)).toEqual(UNKNOWN);
}

describe('a study, while a custodian cannot be asked', () => {
  test('is shown as far as the other opens it, and is otherwise not known', async () => {
    const parts = await begin();
    await parts.network.lakeshore.stop();
    await expectHalf(parts);
    await parts.network.riverside.stop();
    expect(await ask(parts.network, STUDY, parts.portal)).toEqual(UNKNOWN);
    // Without a token there is nothing that any node could have been shown.
    expect(await ask(parts.network, STUDY, undefined)).toEqual(NOTHING);
    await parts.network.stop();
  });

  test('is not known either where a clock is two minutes behind', async () => {
    const late = clockOf(() => systemClock.nowMs() - 120_000);
    const one = await begin({ clockOf: (id) => (id === LAKESHORE ? late : systemClock) });
    await expectHalf(one);
    await one.network.stop();
    const both = await begin({ clockOf: () => late });
    expect(await ask(both.network, STUDY, both.portal)).toEqual(UNKNOWN);
    await both.network.stop();
  });

  test.runIf(HAS_POSTGRES)('is not known while the databases are down', async () => {
    const postgres: PostgresServer = await startPostgres();
    const { network, portal } = await begin({ server: await openPostgres({ url: postgres.url }) });
    expect(await ask(network, STUDY, portal)).toMatchObject({
      errors: [],
      study: { complete: true },
    });
    await postgres.stop();
    const answers = [STUDY, OTHER_STUDY].map((study) => ask(network, study, portal));
    expect(await Promise.all(answers)).toEqual([UNKNOWN, UNKNOWN]);
    await network.stop();
  });
});
