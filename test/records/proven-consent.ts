import type { Session } from '../../src/client/session.js';
import type { PresentConsentsInput } from '../../src/consent/model.js';
import { RECORD_CLASSES } from '../../src/records/model.js';
import { loadProvingArtifacts } from '../../src/zk/artifacts.js';
import { fieldOf } from '../../src/zk/field.js';
import { withdrawSecretOf } from '../../src/zk/leaf.js';
import { proveConsent } from '../../src/zk/prove.js';
import { parseSignals } from '../../src/zk/statement.js';
import { loadStatements } from '../../src/zk/verify.js';
import { scopeOf } from '../../src/zk/vocabulary.js';
import { asInput, dateOf, STUDY } from '../consent/gate-fixture.js';
import { consent, consentWitness } from '../zk/sample.js';

const KEYS = { production: false, allowDevelopmentKeys: true };

/** The participant whose consent it is. */
export const PSEUDONYM = String(consent.pseudonym);

/** It can expire before its proof is too old to be shown. */
export const HOURS_TO_EXPIRY = 12;

/** What withdraws it. */
export const SECRET_OF_WITHDRAWAL = String(withdrawSecretOf(fieldOf('a withdrawal key'), 1n));

/**
 * The sample's participant consents to every class of records, for all time until now; proven once,
 * 3 s on two cores, for every institution.
 */
export async function proveWideConsent(session: Session) {
  await loadStatements(KEYS);
  const scope = { dataClasses: RECORD_CLASSES, labels: [] };
  const sample = consentWitness({
    ...consent,
    scope: scopeOf({ ...scope, purposes: ['CLINTRCH', 'HRESCH'] }),
    dataWindow: { ...consent.dataWindow, from: 0n },
  });
  const asked = {
    ...sample.asked,
    institution: 0n,
    scope: scopeOf({ ...scope, purposes: ['CLINTRCH'] }),
    dataWindow: { ...sample.asked.dataWindow, from: 0n },
    expires: sample.asOf + BigInt(HOURS_TO_EXPIRY * 3_600),
  };
  const witness = { ...sample, asked, holder: session.holder };
  const proven = await proveConsent(witness, await loadProvingArtifacts('consent', KEYS));
  const input: PresentConsentsInput = {
    study: STUDY,
    purpose: 'CLINTRCH',
    dataClasses: RECORD_CLASSES,
    duties: ['IRB', 'NO_REDISCLOSURE', 'NPU'],
    dataWindow: { from: dateOf(0), until: dateOf(Number(asked.dataWindow.until)) },
    institution: null,
    expires: dateOf(Number(asked.expires)),
    holder: session.holderJwk,
    proofs: [asInput(proven)],
  };
  return { input, root: parseSignals(proven.publicSignals).root };
}
