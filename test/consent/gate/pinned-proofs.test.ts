import { expect, test } from 'vitest';
import { importSession } from '../../../src/client/gateway/session.js';
import {
  accreditationLeaf,
  accreditationNym,
  consentLeaf,
  issuerLeaf,
} from '../../../src/zk/leaf.js';
import { accreditationRequest, consentRequest } from '../../../src/zk/request.js';
import { parseSignals, type Signals } from '../../../src/zk/statement.js';
import { networkRootOf } from '../../../src/zk/tree.js';
import { loadStatements, verifyStatement } from '../../../src/zk/verify/verify.js';
import type { ConsentWitness } from '../../../src/zk/witness.js';
import { accreditationToShow, consentToShow, KEYS } from '../../support/consent/gate-fixture.js';
import { pinnedProofs, SHOWN, type ShownStatement } from '../../support/consent/pinned-proofs.js';
import { wideConsentToShow } from '../../support/records/proven-consent.js';

function signalsOfConsent({ consent, path, asked, asOf }: ConsentWitness) {
  return {
    root: networkRootOf(consentLeaf(consent), path),
    nym: consent.pseudonym,
    handle: consent.handle,
    request: consentRequest(asked),
    asOf,
  };
}

function signalsOfAccreditation() {
  const { accreditation, issuer, path, g, asked, asOf } = accreditationToShow();
  return {
    root: networkRootOf(accreditationLeaf(accreditation), {
      ...path,
      issuerLeaf: issuerLeaf(issuer),
    }),
    nym: accreditationNym(g, asked.study, asked.period),
    handle: 0n,
    request: accreditationRequest(asked),
    asOf,
  };
}

const EXPECTED: Readonly<Record<ShownStatement, () => Omit<Signals, 'holder'>>> = {
  'one hospital': () => signalsOfConsent(consentToShow('one hospital')),
  'every hospital': () => signalsOfConsent(consentToShow('every hospital')),
  'every class': () => signalsOfConsent(wideConsentToShow()),
  payer: signalsOfAccreditation,
};

test.each(SHOWN)(
  'the proof of %s holds under the committed keys and is of the sample as it is today (else run test/support/consent/pin-proofs.ts)',
  async (name) => {
    await loadStatements(KEYS);
    const { session, proofs } = pinnedProofs();
    const { proof, publicSignals } = proofs[name];
    const { holder } = await importSession(session);
    expect(parseSignals(publicSignals)).toEqual({ ...EXPECTED[name](), holder });
    const statement = name === 'payer' ? 'accreditation' : 'consent';
    expect(await verifyStatement(statement, publicSignals, proof)).toMatchObject({ statement });
  },
);
