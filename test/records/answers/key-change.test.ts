import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newSession, type Session } from '../../../src/client/gateway/session.js';
import { presentation } from '../../../src/consent/tables/table-presentation.js';
import type { ProvenStatement } from '../../../src/zk/prove.js';
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { KEYS, now, snapshotOf } from '../../support/consent/gate-fixture.js';
import { PATHS, ROW_NAMES } from '../../support/records/attack-paths.js';
import { ANA, admit } from '../../support/records/attack-people.js';
import { permitFor } from '../../support/records/attacks.js';
import { showStored, startGatedNetwork, type Told } from '../../support/records/gated-network.js';
import { showWideConsent } from '../../support/records/proven-consent.js';
import { codeIn, present, type Stage } from '../../support/records/ten-refusals.js';
import { carryOver, makeOtherKeys } from '../../support/zk/other-keys.js';

let stage: Stage;
let otherKeys: Awaited<ReturnType<typeof makeOtherKeys>>;

beforeAll(async () => {
  const { prover, ...proven } = await showWideConsent();
  const snapshot = snapshotOf({ root: proven.root, anchoredAt: now - 3_600 });
  const world = { atSeconds: now, snapshot: () => snapshot };
  stage = { network: await startGatedNetwork(world), world, proven, prover };
  await admit(stage.network.riverside.db, 'ana');
  otherKeys = await makeOtherKeys('consent');
});
afterAll(async () => {
  await stage.network.stop();
  await otherKeys.end();
});
afterEach(async () => {
  await loadStatements(KEYS);
  await stage.network.riverside.db.transaction((tx) => tx.delete(presentation));
});

/** The node ends, and the next run of it loads those keys. */
async function restartWith(keys?: URL): Promise<void> {
  await loadStatements(KEYS, keys);
  await stage.network.riverside.restart();
}

const show = () =>
  showStored([stage.network.riverside], [permitFor(ANA)], { root: stage.proven.root, epoch: 1 });

const asked = { rows: ROW_NAMES, pageOf: () => ({}) };

/** An answer but for what names the request and the time that it took. */
function shapeOf({ status, text }: Told): string {
  return `${status} ${text
    .replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '""')
    .replaceAll(/"latencyMs":\d+/g, '0')}`;
}

describe('key-change:', () => {
  test('key-change: what was shown under the key before opens nothing, whichever way is asked', async () => {
    const [session, stranger] = [await show(), await newSession()];
    const askAll = async (by: Session) => {
      const told: [string, string][] = [];
      for (const { name, ask } of PATHS) {
        told.push([name, shapeOf(await ask(stage.network, { ...asked, whom: ANA }, by))]);
      }
      return Object.fromEntries(told);
    };
    // Under its own key it opens her rows, after a restart too.
    await restartWith();
    const [rows, nothing] = [await askAll(session), await askAll(stranger)];
    for (const { name } of PATHS) expect(rows[name]).not.toEqual(nothing[name]);
    await restartWith(otherKeys.url);
    expect(await askAll(session)).toEqual(nothing);
    // Nothing was forgotten: it is the key that decides.
    await restartWith();
    expect(await askAll(session)).toEqual(rows);
  });

  test('key-change: the same consent, proven under the new key, is taken and opens again', async () => {
    const { riverside } = stage.network;
    const opened = async () => {
      const body = JSON.stringify({ query: '{ __typename }' });
      const headers = await riverside.sign(body, stage.prover);
      return (await riverside.open({ headers, body: Buffer.from(body) })).permits.length;
    };
    expect(codeIn(await present(stage))).toBeUndefined();
    expect(await opened()).toBe(1);
    await restartWith(otherKeys.url);
    expect(await opened()).toBe(0);
    expect(codeIn(await present(stage))).toBe('PROOF_INVALID');
    expect(await opened()).toBe(0);
    const [old] = stage.proven.input.proofs as unknown as [ProvenStatement];
    const proofs = [carryOver(old)] as never;
    expect(codeIn(await present(stage, { proofs }))).toBeUndefined();
    expect(await opened()).toBe(1);
    // It is one presentation, now verified with the newer key.
    await restartWith();
    expect(await opened()).toBe(0);
  });
});
