import { importSession } from '../../../src/client/gateway/session.js';
import type { PresentConsentsInput } from '../../../src/consent/base/model.js';
import { RECORD_CLASSES } from '../../../src/records/model/model.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { withdrawSecretOf } from '../../../src/zk/leaf.js';
import { parseSignals } from '../../../src/zk/statement.js';
import { loadStatements } from '../../../src/zk/verify/verify.js';
import { scopeOf } from '../../../src/zk/vocabulary.js';
import type { ConsentWitness } from '../../../src/zk/witness.js';
import { asInput, dateOf, KEYS } from '../consent/gate-fixture.js';
import { pinnedProofs } from '../consent/pinned-proofs.js';
import { STUDY } from '../names.js';
import { consent, consentWitness } from '../zk/sample.js';

/** The participant whose consent it is. */
export const PSEUDONYM = String(consent.pseudonym);

/** It can expire before its proof is too old to be shown. */
export const HOURS_TO_EXPIRY = 12;

/** What withdraws it. */
export const SECRET_OF_WITHDRAWAL = String(withdrawSecretOf(fieldOf('a withdrawal key'), 1n));

/** The sample's participant consents to every class of records, for all time until now, everywhere. */
export function wideConsentToShow(): ConsentWitness {
  const scope = { dataClasses: RECORD_CLASSES, labels: [] };
  const sample = consentWitness({
    ...consent,
    scope: scopeOf({ ...scope, purposes: ['CLINTRCH', 'HRESCH'] }),
    dataWindow: { ...consent.dataWindow, from: 0n },
  });
  return {
    ...sample,
    asked: {
      ...sample.asked,
      institution: 0n,
      scope: scopeOf({ ...scope, purposes: ['CLINTRCH'] }),
      dataWindow: { ...sample.asked.dataWindow, from: 0n },
      expires: sample.asOf + BigInt(HOURS_TO_EXPIRY * 3_600),
    },
  };
}

/** That consent as it was proven, and the session that may show it. */
export async function showWideConsent() {
  await loadStatements(KEYS);
  const pinned = pinnedProofs();
  const prover = await importSession(pinned.session);
  const proven = pinned.proofs['every class'];
  const { asked } = wideConsentToShow();
  const input: PresentConsentsInput = {
    study: STUDY,
    purpose: 'CLINTRCH',
    dataClasses: RECORD_CLASSES,
    duties: ['IRB', 'NO_REDISCLOSURE', 'NPU'],
    dataWindow: { from: dateOf(0), until: dateOf(Number(asked.dataWindow.until)) },
    institution: null,
    expires: dateOf(Number(asked.expires)),
    holder: prover.holderJwk,
    proofs: [asInput(proven)],
  };
  return { prover, input, root: parseSignals(proven.publicSignals).root };
}
