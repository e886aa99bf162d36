/**
 * Writes pinned.json: one proof of each statement under the committed keys. To be run when those keys change:
 * npx tsx test/zk/corpus/pin.ts
 */
import { writeFileSync } from 'node:fs';
import { loadProvingArtifacts, loadVerificationKey } from '../../../src/zk/artifacts.js';
import { accreditationLeaf } from '../../../src/zk/leaf.js';
import { proveAccreditation, proveConsent } from '../../../src/zk/prove.js';
import { accreditationWitness, consentWitness, register } from '../sample.js';

const policy = { production: false, allowDevelopmentKeys: false };
const { issuerLeaf: _, ...path } = register(accreditationLeaf(accreditationWitness.accreditation));
const proven = {
  consent: await proveConsent(consentWitness(), await loadProvingArtifacts('consent', policy)),
  accreditation: await proveAccreditation(
    { ...accreditationWitness, path },
    await loadProvingArtifacts('accreditation', policy),
  ),
};
const pinned = [];
for (const statement of ['consent', 'accreditation'] as const) {
  const { json, sha256 } = await loadVerificationKey(statement, policy);
  const { vk_delta_2: delta } = json as { vk_delta_2: unknown };
  const { proof, publicSignals: signals } = proven[statement];
  pinned.push({ statement, verificationKeySha256: sha256, delta, signals, proof });
}
writeFileSync(new URL('pinned.json', import.meta.url), `${JSON.stringify(pinned, null, 2)}\n`);
