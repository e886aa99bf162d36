import { newSession } from '../../../client/gateway/session.js';
import { consentWitness } from '../../../client/requester/present.js';
import { openReader } from '../../../client/requester/query.js';
import { readyDocument } from '../../../federation/explorer/operations.js';
import { consentLeaf } from '../../../zk/leaf.js';
import { proveApart } from '../../proving/prove-apart.js';
import { FIRST_QUERY } from '../first-queries.js';
import { loadPersona } from '../personas.js';
import { PILOT_STUDY } from '../plan.js';
import { pathOf, portalAsk } from '../present.js';
import { PILOT_TOKEN_SECONDS } from '../settings.js';
import {
  custodiansOf,
  EVERYTHING,
  everythingVariables,
  PARTICIPANTS,
  participantsOf,
  pseudonymsOf,
} from './reading.js';
import { at, expectThat, listAt, type Stage, type Step, shownOf } from './stage.js';

/** How many consents the portal proves. */
const SHOWN = 3;

const VERIFY_PACK = readyDocument('verify-pack');

export const WITHOUT_A_PROOF: Step = {
  name: 'without a proof',
  proves: 'protocols and a pack are public and verifiable; participants do not exist',
  async play({ gateway, plan }) {
    const answer = await gateway.send({ document: FIRST_QUERY });
    const trials = listAt(answer.data, 'trials', 'nodes').length;
    expectThat(trials > 0, 'trials are public');
    expectThat(at(answer.data, 'study') === null, 'the study does not exist without a proof');
    const { study, ...pack } = everythingVariables(plan);
    const shown = await gateway.send({ document: VERIFY_PACK, variables: pack });
    const verified = at(shown.data, 'verifyProduct', 'verified');
    expectThat(verified === true, 'a pack verifies');
    const closed = await gateway.send({ document: PARTICIPANTS, variables: { study } });
    expectThat(at(closed.data, 'study') === null, 'nor do its participants');
    return `${trials} trials, a verified pack, no study`;
  },
};

export const PROVE_AND_PRESENT: Step = {
  name: 'prove and present',
  proves: 'a portal presents three consents; every hospital verifies each proof itself',
  async play(stage) {
    const wallets = await unwithdrawn(stage);
    const { requester } = await loadPersona(stage.folder, 'portal');
    const session = await newSession();
    const ask = portalAsk();
    const tasks = await Promise.all(
      wallets.map(async ({ consent }) => {
        const path = await pathOf(stage, consent, consentLeaf(consent.fields));
        const witness = consentWitness(ask, consent, path, { requester, session });
        return { statement: 'consent' as const, witness };
      }),
    );
    const proofs = await proveApart(tasks);
    const presentation = { ask, holderJwk: session.holderJwk, proofs };
    const { gateway } = stage;
    const reader = openReader({ gateway, session, tokenSeconds: PILOT_TOKEN_SECONDS });
    const { outcomes } = await reader.present(presentation);
    expectThat(outcomes.length >= 2, 'both hospitals were asked');
    for (const { institution, accepted, refused } of outcomes) {
      const code = refused[0]?.code ?? '';
      expectThat(accepted === SHOWN, `${institution.id} accepts all, not ${accepted} ${code}`);
    }
    stage.shown = { session, reader, presentation, wallets };
    return outcomes.map(({ institution: { id }, accepted }) => `${id}: ${accepted}`).join(', ');
  },
};

/** Wallets that no earlier tour has withdrawn, since a withdrawal is permanent. */
async function unwithdrawn({ folder, wallets }: Stage) {
  const withdrawn = (await folder.readJson<readonly number[]>('pilot/withdrawn.json')) ?? [];
  const living = wallets.filter(({ person }) => !withdrawn.includes(person)).slice(-SHOWN);
  expectThat(living.length === SHOWN, 'three participants have not withdrawn yet');
  return living;
}

export const READ_MERGED: Step = {
  name: 'read what was proven',
  proves:
    'one query: rows of both hospitals, merged under one pseudonym per participant, with ' +
    'trials and supply',
  async play(stage) {
    const { reader, wallets } = shownOf(stage);
    const answer = await reader.query(EVERYTHING, everythingVariables(stage.plan));
    const participants = participantsOf(answer);
    const expected = wallets.map(({ wallet }) => String(wallet.pseudonym)).sort();
    expectThat(
      [...pseudonymsOf(answer)].sort().join() === expected.join(),
      'exactly those participants are there whose consent was proven',
    );
    expectThat(at(answer.data, 'study', 'participants', 'complete') === true, 'complete');
    for (const participant of participants) {
      expectThat(custodiansOf(participant).size === 2, 'observations come from both hospitals');
    }
    const lots = participants.flatMap((one) =>
      listAt(one, 'dispenses', 'nodes').filter((row) => at(row, 'lot', 'product', 'name')),
    );
    expectThat(lots.length > 0, 'a dispense leads to its lot at the maker');
    const sites = listAt(answer.data, 'trial', 'sites').filter((site) =>
      at(site, 'institution', 'name'),
    );
    expectThat(sites.length === 2, 'a trial leads to its sites');
    expectThat(at(answer.data, 'verifyProduct', 'verified') === true, 'the pack verifies');
    const rows = participants.reduce<number>(
      (sum, one) => sum + listAt(one, 'observations', 'nodes').length,
      0,
    );
    return `${rows} observations of ${participants.length} participants, ${lots.length} lots`;
  },
};

export const OUTSIDE_THE_SCOPE: Step = {
  name: 'outside the scope',
  proves: 'a data class or a date that was not proven is withheld, as the scope alone says',
  async play(stage) {
    const { reader } = shownOf(stage);
    const document = `query Outside($study: ID!, $when: TimeRange!) {
      study(id: $study) { participants { nodes {
        demographics { nodes { birthYear } }
        withheld { dataClass reason }
        observations(where: { effective: $when }) { nodes { id } withheld { dataClass reason } }
      } } }
    }`;
    const when = { from: '2001-01-01T00:00:00Z', until: '2002-01-01T00:00:00Z' };
    const answer = await reader.query(document, { study: PILOT_STUDY.id, when });
    const participants = participantsOf(answer);
    expectThat(participants.length === SHOWN, 'the participants are there');
    for (const one of participants) {
      expectThat(listAt(one, 'demographics', 'nodes').length === 0, 'demographics were not proven');
      const outside = listAt(one, 'withheld').some(
        (withheld) =>
          at(withheld, 'dataClass') === 'DEMOGRAPHICS' &&
          at(withheld, 'reason') === 'OUTSIDE_SCOPE',
      );
      expectThat(outside, 'demographics are withheld by name');
      expectThat(listAt(one, 'observations', 'nodes').length === 0, 'no row of a date outside');
      const reasons = listAt(one, 'observations', 'withheld').map((each) => at(each, 'reason'));
      expectThat(reasons.includes('OUTSIDE_WINDOW'), 'the date is outside the window');
    }
    return 'DEMOGRAPHICS: OUTSIDE_SCOPE; 2001: OUTSIDE_WINDOW';
  },
};
