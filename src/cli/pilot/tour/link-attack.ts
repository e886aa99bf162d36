import { type Desk, linkWallet } from '../../../client/consent/consent-cycle.js';
import { newWalletSeed, openWallet, type StudyWallet } from '../../../client/consent/wallet.js';
import type { Gateway } from '../../../client/gateway/gateway.js';
import { accountsOnLedger } from '../../../client/gateway/ledger-accounts.js';
import { issueLinkCode } from '../../../consent/registration/link.js';
import { pendingWords, refuseLinks } from '../../../consent/registration/link-confirm.js';
import { codeOf } from '../../../core/errors.js';
import { PILOT_NETWORK, RIVERSIDE } from '../institutions.js';
import { pilotCharts } from '../people.js';
import type { Pilot } from '../pilot.js';
import { PILOT_STUDY } from '../plan.js';
import { hospitalOf } from '../wallets.js';
import { at, BrokenPromise, expectThat, type Stage } from './stage.js';

const CODE_SECONDS = 60;

const LINK = `mutation Link($institution: ID!, $link: LinkInput!) {
  result: linkParticipant(institution: $institution, link: $link) {
    __typename ... on Refusals { refused { code } }
  }
}`;

/**
 * A gateway tries to link its own key in place of a patient's, and tells the wallet that all is
 * well. It knows everything that passes through it, but not the code. Then the patient's own answer
 * is accepted, and waits until the words are confirmed; the tour refuses them, so that nothing
 * changes.
 *
 * @returns what was seen: the codes with which the gateway and its answer were refused.
 */
export async function stealLink(stage: Stage, own: Pilot): Promise<string> {
  const { gateway } = stage;
  const hospital = hospitalOf(RIVERSIDE, own.memberships);
  const patientId = unlinkedPatient(stage);
  const session = { patientId, study: PILOT_STUDY.id, proxy: null };
  const code = await issueLinkCode(hospital, { ...session, ttlSeconds: CODE_SECONDS });
  const desk = deskAt(gateway, own);
  const patient = newWallet();
  const thief = stealing(gateway, patient);
  const answer = await linkWallet({ ...desk, gateway: thief.gateway }, patient, code).then(
    () => 'believed',
    codeOf,
  );
  const refused = [...thief.refusals].join(' ');
  expectThat(refused === 'SIGNATURE_INVALID', `the gateway's key is refused, not ${refused}`);
  expectThat(answer === 'RECEIPT_MISSING', `its answer is not believed: ${answer}`);
  const { words } = await linkWallet(desk, patient, code);
  const shown = await pendingWords(hospital, session);
  expectThat(shown.join() === words, "the hospital shows the words of the patient's own key");
  await refuseLinks(hospital, session);
  return `${refused}, ${answer}`;
}

/** A patient of the hospital who has linked no wallet yet. */
function unlinkedPatient({ plan, wallets }: Stage): string {
  const linked = new Set(wallets.map(({ person }) => person));
  for (const { person } of pilotCharts(plan)) {
    const patientId = person.patientIds.get(RIVERSIDE);
    if (patientId !== undefined && !linked.has(person.index)) return patientId;
  }
  throw new BrokenPromise('the hospital has a patient without a wallet');
}

function newWallet(): StudyWallet {
  return openWallet(newWalletSeed()).forStudy(PILOT_STUDY);
}

function deskAt(gateway: Gateway, { ledger }: Pilot): Desk {
  const [rpcUrl] = ledger.rpcUrls;
  expectThat(rpcUrl !== undefined, 'the ledger has an endpoint');
  const { contract, pins } = ledger.register;
  const of = { network: PILOT_NETWORK, chainId: pins.chainId, contract };
  const accounts = accountsOnLedger({ fetch, rpcUrl }, of);
  return { gateway, institution: RIVERSIDE, study: PILOT_STUDY, ledger: accounts };
}

/**
 * A gateway that substitutes its own key, once for each text that it could guess to be the code.
 */
function stealing(real: Gateway, { pseudonym }: StudyWallet) {
  const own = newWallet();
  const refusals = new Set<string>();
  const gateway: Gateway = {
    ...real,
    async send({ variables }) {
      const link = variables?.link as Readonly<Record<string, unknown>>;
      for (const guess of textsIn(link)) {
        const signature = inDecimals(own.signLink(RIVERSIDE, guess));
        const forged = { ...link, publicKey: inDecimals(own.publicKey), signature };
        const asked = { document: LINK, variables: { institution: RIVERSIDE, link: forged } };
        const { data } = await real.send(asked);
        refusals.add(String(at(data, 'result', 'refused', 0, 'code') ?? 'linked'));
      }
      const result = { __typename: 'LinkReceipt', institution: { id: RIVERSIDE } };
      const told = { ...result, pseudonym: String(pseudonym), confirmed: true, proxyUntil: null };
      return { data: { result: told }, errors: [] };
    },
  };
  return { gateway, refusals };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function inDecimals(of: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, String(value)]));
}
