import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Desk,
  linkWallet,
  registerConsent,
} from '../../../src/client/consent/consent-cycle.js';
import type { ConsentPackage } from '../../../src/client/consent/consent-package.js';
import { withdrawConsents } from '../../../src/client/consent/withdraw.js';
import type { ProvenConsent } from '../../../src/client/consent/withdrawal-proof.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import { parseSubtree } from '../../../src/client/requester/paths.js';
import { isPublished, isWithdrawn } from '../../../src/consent/feed/store.js';
import { STRANGER_TERMS } from '../../../src/consent/feed/stranger-terms.js';
import { issueLinkCode } from '../../../src/consent/registration/link.js';
import { confirmLink } from '../../../src/consent/registration/link-confirm.js';
import { clockOf, systemClock } from '../../../src/core/clock.js';
import { toStudyId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { consentLeaf } from '../../../src/zk/leaf.js';
import { dishonestGateway } from '../../support/client/dishonest-gateway.js';
import { registerOf } from '../../support/client/register-server.js';
import { plaintext, signingWallet, studyName } from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now } from '../../support/consent/gate-fixture.js';
import { linkable } from '../../support/consent/link-key.js';
import { at } from '../../support/ledger/small-network.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const study = toStudyId(studyName.id);
const validity = { from: now - 60, until: now + 86_400 };
const clock = clockOf(() => unixMsFromSeconds(now));
const ana = await signingWallet(61, clock);

let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let honest: Desk;
/** In the order signed, registered at Riverside: Lakeshore never heard of them. */
const consents: ConsentPackage[] = [];
beforeAll(async () => {
  network = await startSmallNetwork(1n, 1n, { strangers: STRANGER_TERMS });
  const gateway = await connectGateway({ url: network.url, fetch });
  honest = { gateway, institution: RIVERSIDE, study: studyName, ledger: network.ledger };
  const hospital = linkable({
    db: network.nodes.riverside.db,
    institution: RIVERSIDE,
    clock: { ...systemClock, nowSeconds: () => now },
  });
  const code = await issueLinkCode(hospital, { patientId: 'ana-3', study, ttlSeconds: 600 });
  const { words } = await linkWallet(honest, ana, code);
  await confirmLink(hospital, { patientId: 'ana-3', study, proxy: null }, words);
  for (let i = 0; i < 4; i += 1) {
    const { signed } = await ana.signConsent({ ...plaintext, validity });
    consents.push((await registerConsent(honest, signed)).consent);
  }
  network.nodes.lakeshore.anchor(register().root);
});
afterAll(() => network.stop());

const register = () =>
  registerOf(consents.map(({ index, fields }) => [index, consentLeaf(fields)] as const));

function provenAt(place: number): { readonly w: bigint; readonly proven: ProvenConsent } {
  const consent = at(consents, place);
  const path = parseSubtree(register().answer(0), 0).pathOf(
    consentLeaf(consent.fields),
    consent.index,
  );
  return { w: ana.withdrawSecret(consent.fields.serial), proven: { consent, path } };
}

/** Keeps what the kit sent, and may change what comes back. */
function watching(change: (outcome: Record<string, unknown>) => object = () => ({})) {
  const sent: Readonly<Record<string, unknown>>[] = [];
  const gateway: Gateway = dishonestGateway(honest.gateway, async (request, real) => {
    sent.push(request.variables ?? {});
    const { data, errors } = await real.send(request);
    const { outcomes } = data.withdrawConsents as { outcomes: Record<string, unknown>[] };
    const changed = outcomes.map((outcome) => ({ ...outcome, ...change(outcome) }));
    return { data: { withdrawConsents: { outcomes: changed } }, errors };
  });
  return { sent, by: { ...honest, gateway } };
}

const atLakeshore = { institutions: [LAKESHORE], copies: 1, clock };
async function standsAtLakeshore({ proven }: { readonly proven: ProvenConsent }) {
  const handle = String(proven.consent.fields.handle);
  const { db } = network.nodes.lakeshore;
  const published = await db.transaction((tx) => isPublished(tx, [handle]), 'read');
  const ended = await db.transaction((tx) => isWithdrawn(tx, [handle]), 'read');
  return { published: published.has(handle), ended: ended.has(handle) };
}

describe('a patient at an institution that does not know the consent', () => {
  test('withdrawal-flood: who shows it with its path does no work, and it is published', async () => {
    const one = provenAt(0);
    const { sent, by } = watching();
    const withdrawn = await withdrawConsents(by, [one.w], { ...atLakeshore, proven: [one.proven] });
    expect(withdrawn).toMatchObject({ complete: true, unpublished: [], outcomes: [{ held: [] }] });
    expect(sent.map((variables) => ['shown' in variables, 'puzzle' in variables])).toEqual([
      [true, false],
    ]);
    expect(await standsAtLakeshore(one)).toEqual({ published: true, ended: true });
  });

  test('who shows nothing does the work; the receipt says that it is only held', async () => {
    const one = provenAt(1);
    const { sent, by } = watching();
    const { complete, unpublished, outcomes } = await withdrawConsents(by, [one.w], atLakeshore);
    expect([complete, unpublished]).toEqual([true, [0]]);
    expect(at(outcomes, 0).receipt?.body.outcome).toEqual({ refused: [], held: [0] });
    expect(sent.map((variables) => 'puzzle' in variables)).toEqual([false, true]);
    expect(await standsAtLakeshore(one)).toEqual({ published: false, ended: true });
  });

  test('receipt-faked: what is held is not taken for published because a gateway says so', async () => {
    const { by } = watching(() => ({ held: [] }));
    const one = provenAt(1);
    const { complete, unpublished, outcomes } = await withdrawConsents(by, [one.w], atLakeshore);
    expect([complete, unpublished]).toEqual([false, [0]]);
    expect(at(outcomes, 0).failure).toBe('RECEIPT_INVALID');
  });

  test('who shows a path that has ended does the work instead', async () => {
    const { w, proven } = provenAt(2);
    const ended = { ...proven, path: { ...proven.path, issuerLeaf: 9n } };
    const { sent, by } = watching();
    const options = { ...atLakeshore, proven: [ended] };
    expect(await withdrawConsents(by, [w], options)).toMatchObject({
      complete: true,
      unpublished: [0],
    });
    expect(sent.map((variables) => ['shown' in variables, 'puzzle' in variables])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  test('is not asked to show it where it is registered', async () => {
    const one = provenAt(3);
    const { sent, by } = watching();
    const options = { institutions: [RIVERSIDE], copies: 1, clock, proven: [one.proven] };
    expect(await withdrawConsents(by, [one.w], options)).toMatchObject({ unpublished: [] });
    expect(sent.map((variables) => 'shown' in variables)).toEqual([false]);
  });
});
