import { setTimeout as delay } from 'node:timers/promises';
import type { GraphqlAnswer } from '../../../client/gateway/gateway.js';
import { systemClock } from '../../../core/clock.js';
import { invariant } from '../../../core/errors.js';
import { importBundle } from '../../../records/import/import-bundle.js';
import { openDatabaseServer } from '../../../store/open.js';
import { findFreePort } from '../../process/ports.js';
import { loadNodeKeys } from '../../state/node-keys.js';
import { openStateFolder } from '../../state/state-folder.js';
import { type ApartNode, startApart } from '../apart.js';
import { HILLSIDE, LAKESHORE, RIVERSIDE, SIXTH_INSTITUTION } from '../institutions.js';
import { apartFolder } from '../membership.js';
import { chartsElsewhere } from '../people.js';
import type { Pilot } from '../pilot.js';
import { PILOT_STUDY } from '../plan.js';
import { PILOT_TOKEN_SECONDS } from '../settings.js';
import { addPilotStudies, linkWallet } from '../wallets.js';
import { custodiansOf, PARTICIPANTS, participantsOf, pseudonymsOf, statusesOf } from './reading.js';
import { at, expectThat, type Stage, type Step, shownOf } from './stage.js';

const WITHDRAWN_WITHIN_MS = 5_000;
const BACK_WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 100;

const WITHDRAW = `mutation Withdraw($secrets: [Field!]!, $institution: ID) {
  withdrawConsents(secrets: $secrets, institution: $institution) {
    outcomes { institution { id } accepted refused { code } }
  }
}`;

export const WITHDRAW_AT_ONE: Step = {
  name: 'withdraw',
  proves: 'withdrawn at one hospital, refused by all within 5 s; all other proofs stay valid',
  async play(stage) {
    const { wallets, reader } = shownOf(stage);
    const [leaving] = wallets;
    expectThat(leaving !== undefined, 'a participant is there to leave');
    const { fields } = leaving.consent;
    const secret = String(leaving.wallet.withdrawSecret(fields.serial));
    const startedMs = Date.now();
    const answer = await stage.gateway.send({
      document: WITHDRAW,
      variables: { secrets: [secret], institution: RIVERSIDE },
    });
    const accepted = at(answer.data, 'withdrawConsents', 'outcomes', 0, 'accepted');
    expectThat(accepted === 1, 'the hospital takes the secret');
    await rememberWithdrawn(stage, leaving.person);
    const gone = String(leaving.wallet.pseudonym);
    const ask = () => reader.query(PARTICIPANTS, { study: PILOT_STUDY.id });
    const seen = await until(ask, (now) => !pseudonymsOf(now).includes(gone), WITHDRAWN_WITHIN_MS);
    const tookMs = Date.now() - startedMs;
    expectThat(seen !== undefined, 'both hospitals answer nothing for that pseudonym within 5 s');
    expectThat(participantsOf(seen).length === wallets.length - 1, 'the others are still there');
    for (const one of participantsOf(seen)) {
      expectThat(custodiansOf(one).size === 2, 'and still at both hospitals');
    }
    return `gone from both after ${tookMs} ms, ${wallets.length - 1} others untouched`;
  },
};

async function rememberWithdrawn({ folder }: Stage, person: number): Promise<void> {
  const before = (await folder.readJson<readonly number[]>('pilot/withdrawn.json')) ?? [];
  await folder.writeJson('pilot/withdrawn.json', [...before, person]);
}

export const KILL_A_HOSPITAL: Step = {
  name: 'kill a hospital',
  proves:
    'a dead node costs only its own rows; the answer says so, names no host, and recovers by ' +
    'itself',
  needsOwn: true,
  async play(stage) {
    const { own } = stage;
    const lakeshore = own?.apart.get(LAKESHORE);
    invariant(lakeshore !== undefined, 'the tour runs Lakeshore in a process of its own');
    const { reader } = shownOf(stage);
    const ask = () => reader.query(PARTICIPANTS, { study: PILOT_STUDY.id });
    await lakeshore.kill();
    const partial = await ask();
    const status = statusesOf(partial).get(LAKESHORE) ?? 'absent';
    expectThat(at(partial.data, 'study', 'participants', 'complete') === false, 'it says partial');
    expectThat(status === 'UNAVAILABLE', `it names the institution, not ${status}`);
    expectThat(participantsOf(partial).length > 0, "the other hospital's rows are there");
    const text = JSON.stringify([partial.data, partial.errors.map(({ message }) => message)]);
    expectThat(!/127\.0\.0\.1|localhost|ECONN|:\d{4,5}\b/.test(text), 'no host is named');
    await lakeshore.restart();
    const whole = (answer: GraphqlAnswer) =>
      at(answer.data, 'study', 'participants', 'complete') === true &&
      participantsOf(answer).every((one) => custodiansOf(one).size === 2);
    const back = await until(ask, whole, BACK_WITHIN_MS);
    expectThat(back !== undefined, 'complete again once it is back');
    return `${status}, then complete again`;
  },
};

export const ADMIT_A_SIXTH: Step = {
  name: 'admit a sixth institution',
  proves:
    'voted in on the ledger, it is in the next query and shown the same proofs; no restart ' +
    'anywhere',
  needsOwn: true,
  async play(stage) {
    const { own, gateway } = stage;
    invariant(own !== undefined, 'the tour has a network of its own');
    const { reader, session } = shownOf(stage);
    const { hillside, admitted } = await startHillside(stage, own);
    try {
      const credential = await session.signCredential({
        audience: gateway.thumbprint,
        seconds: PILOT_TOKEN_SECONDS,
      });
      const variables = { study: PILOT_STUDY.id };
      const ask = () => gateway.send({ document: PARTICIPANTS, variables, credential });
      const listed = await until(ask, (now) => statusesOf(now).has(HILLSIDE), BACK_WITHIN_MS);
      const status = listed && statusesOf(listed).get(HILLSIDE);
      expectThat(status === 'NOT_PRESENTED', `it has been shown nothing yet, not ${status}`);
      // The client presents the proofs that it has; nothing is proven again.
      const askAgain = () => reader.query(PARTICIPANTS, variables);
      const answered = await until(askAgain, hasRowsOfHillside, BACK_WITHIN_MS);
      expectThat(answered !== undefined, 'its rows come with the same proofs');
      return `${admitted} for ${HILLSIDE}: NOT_PRESENTED, then its rows`;
    } finally {
      await hillside.stop();
    }
  },
};

function hasRowsOfHillside(answer: GraphqlAnswer): boolean {
  return participantsOf(answer).some((one) => custodiansOf(one).has(HILLSIDE));
}

/** Starts a hospital with the charts of those participants, links them there, and admits it. */
async function startHillside(
  stage: Stage,
  own: Pilot,
): Promise<{ readonly hillside: ApartNode; readonly admitted: string }> {
  const { folder, config, ledger, plan } = own;
  const home = await openStateFolder(apartFolder(folder, HILLSIDE));
  const keys = await loadNodeKeys(home, HILLSIDE);
  await fillHillside(stage, home.at('database'), { plan, linkKey: keys.linkKey });
  const port = await findFreePort();
  const endpoint = `http://${config.nodeHost}:${port}`;
  let admitted = '';
  const options = { folder, config, ledger, institution: HILLSIDE, port };
  const hillside = await startApart(options, async () => {
    const member = { institution: SIXTH_INSTITUTION, keys, endpoint, isApart: true };
    const decided = await ledger.admit(member);
    expectThat(decided !== undefined, 'the institutions vote on its admission');
    admitted = `${decided.votes} of ${decided.institutions} votes`;
  });
  return { hillside, admitted };
}

async function fillHillside(
  stage: Stage,
  directory: string,
  { plan, linkKey }: { readonly plan: Stage['plan']; readonly linkKey: Uint8Array },
): Promise<void> {
  const server = await openDatabaseServer({ directory });
  try {
    const db = await server.open(HILLSIDE);
    await addPilotStudies(db);
    const { wallets } = shownOf(stage);
    for (const chart of chartsElsewhere(plan, HILLSIDE)) {
      const owner = wallets.find(({ person }) => person === chart.person.index);
      if (owner === undefined) continue;
      await importBundle(db, chart.bundle, { source: `seed-${owner.person}.json` });
      const patientId = chart.person.patientIds.get(HILLSIDE);
      invariant(patientId !== undefined, 'everybody has a chart there');
      const hospital = { db, institution: HILLSIDE, clock: systemClock, linkKey };
      await linkWallet(hospital, owner.wallet, patientId);
    }
  } finally {
    await server.close();
  }
}

/** Asks until the answer is as wanted. @returns undefined if it never is. */
async function until<Answer>(
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
  withinMs: number,
): Promise<Answer | undefined> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > endMs) return undefined;
    await delay(ASK_AGAIN_MS);
  }
}
