/**
 * Writes pinned.json: one proof of each statement under the committed keys. To be run when those keys change:
 * npx tsx test/zk/corpus/pin.ts
 */
import { writeFileSync } from 'node:fs';
import { loadProvingArtifacts, loadVerificationKey } from '../../../src/zk/artifacts.js';
import { accreditationLeaf } from '../../../src/zk/leaf.js';
import { proveAccreditation, proveConsent, proveEligibility } from '../../../src/zk/prove.js';
import { STATEMENTS } from '../../../src/zk/statement.js';
import { eligibilityWitness } from '../../support/zk/eligibility-sample.js';
import { accreditationWitness, consentWitness, register } from '../../support/zk/sample.js';

const policy = { production: false, allowDevelopmentKeys: false };
const { issuerLeaf: _, ...path } = register(accreditationLeaf(accreditationWitness.accreditation));
const proven = {
  consent: await proveConsent(consentWitness(), await loadProvingArtifacts('consent', policy)),
  accreditation: await proveAccreditation(
    { ...accreditationWitness, path },
    await loadProvingArtifacts('accreditation', policy),
  ),
  eligibility: await proveEligibility(
    eligibilityWitness(),
    await loadProvingArtifacts('eligibility', policy),
  ),
};
const pinned = [];
for (const statement of STATEMENTS) {
  const { json, sha256 } = await loadVerificationKey(statement, policy);
  const { vk_delta_2: delta } = json as { vk_delta_2: unknown };
  const { proof, publicSignals: signals } = proven[statement];
  pinned.push({ statement, verificationKeySha256: sha256, delta, signals, proof });
}
writeFileSync(new URL('pinned.json', import.meta.url), `${JSON.stringify(pinned, null, 2)}\n`);
