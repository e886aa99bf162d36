/**
 * Writes pinned-proofs.json: what the suites of the gate show. To be run when the committed keys or
 * the samples change: npx tsx test/support/consent/pin-proofs.ts
 */
import { writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';
import { importSession } from '../../../src/client/gateway/session.js';
import { loadProvingArtifacts } from '../../../src/zk/artifacts.js';
import { proveAccreditation, proveConsent } from '../../../src/zk/prove.js';
import type { ConsentWitness } from '../../../src/zk/witness.js';
import { wideConsentToShow } from '../records/proven-consent.js';
import { accreditationToShow, consentToShow, KEYS } from './gate-fixture.js';
import { PINNED_FILE, type PinnedProofs } from './pinned-proofs.js';

const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const session = await exportJWK(privateKey);
const { holder } = await importSession(session);
const consents = await loadProvingArtifacts('consent', KEYS);
const prove = (witness: ConsentWitness) => proveConsent({ ...witness, holder }, consents);
const pinned: PinnedProofs = {
  session,
  proofs: {
    'one hospital': await prove(consentToShow('one hospital')),
    'every hospital': await prove(consentToShow('every hospital')),
    'every class': await prove(wideConsentToShow()),
    payer: await proveAccreditation(
      { ...accreditationToShow(), holder },
      await loadProvingArtifacts('accreditation', KEYS),
    ),
  },
};
writeFileSync(PINNED_FILE, `${JSON.stringify(pinned, null, 2)}\n`);
