import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFhirConsent } from '../../src/client/fhir-consent/import.js';
import type { FhirConsentReason } from '../../src/client/fhir-consent/reason.js';
import { DomainError } from '../../src/core/errors.js';
import { fhirValidator, type RequireValid } from '../../src/records/import/validate.js';
import { pcfTerms } from '../support/client/fhir-consent-sample.js';
import { signingWallet } from '../support/client/sample.js';
import { type FshInstance, readFsh } from './fsh.js';

const file = join(process.env.ASSENT_CORPORA ?? 'no-corpora', 'fhir-consent', 'consent.fsh');
const present = existsSync(file);
if (!present) console.warn('SKIPPED: ASSENT_CORPORA names no folder with fhir-consent');

/** What becomes of each of IHE PCF's own examples: how many leaves, or why none. */
const OUTCOMES: Readonly<Record<string, number | FhirConsentReason>> = {
  'ex-consent-basic-treat': 1,
  'ex-consent-basic-treat-infant': 1,
  'ex-consent-basic-ink': 1,
  'ex-consent-expired-treat': 1,
  'ex-consent-basic-reject': 'DISSENT',
  'ex-consent-basic-research': 1,
  'ex-consent-intermediate-timeframe': 1,
  'ex-consent-intermediate-not-timeframe': 'EXCEPT_TIMEFRAME',
  'ex-consent-intermediate-authoredby': 'AUTHORED_BY',
  'ex-consent-intermediate-not-authoredby': 'AUTHORED_BY',
  'ex-consent-intermediate-encounter': 'ENCOUNTER',
  'ex-consent-intermediate-not-encounter': 'ENCOUNTER',
  'ex-consent-intermediate-data': 'SPECIFIC_RESOURCE',
  'ex-consent-intermediate-not-data': 'SPECIFIC_RESOURCE',
  'ex-consent-intermediate-purpose': 'PURPOSE_UNKNOWN',
  'ex-dissent-intermediate-break-glass': 'BREAK_GLASS',
  'ex-consent-advanced-normal': 1,
  'ex-consent-advanced-normal-restricted': 1,
  'ex-consent-advanced-normal-not-restricted': 1,
  'ex-consent-advanced-normal-focused-restricted': 2,
  'ex-consent-advanced-normal-focused-psy': 2,
  'ex-consent-advanced-normal-focused-psy-or-sdv': 2,
  'ex-consent-advanced-normal-break-glass-restricted': 'BREAK_GLASS',
};

const LIST_ENDS = ['purpose', 'actor', 'data', 'securityLabel', 'class', 'code'];
const CONCEPT_ENDS = ['scope', 'category', 'role'];
const lastOf = (path: string) => path.split('.').at(-1) ?? '';
const shape = {
  resourceType: 'Consent',
  isList: (path: string) =>
    ['category', 'performer', 'organization', 'policy', 'meta.security'].includes(path) ||
    path === 'provision.provision' ||
    (path.startsWith('provision.') && LIST_ENDS.includes(lastOf(path))),
  isConcept: (path: string) => CONCEPT_ENDS.includes(lastOf(path)),
};

const instances: readonly FshInstance[] = present
  ? readFsh(readFileSync(file, 'utf8'), (name) => /^\w+Consent$/.test(name), shape)
  : [];

describe.skipIf(!present)("IHE PCF's example consents", () => {
  test('are all here, and each has an outcome', () => {
    expect(instances.map(({ name }) => name).sort()).toEqual(Object.keys(OUTCOMES).sort());
  });

  test.each(instances.map((it) => [it.name, it] as const))('%s', async (name, { json }) => {
    const requireValid: RequireValid = await fhirValidator();
    requireValid(json);
    const outcome = OUTCOMES[name];
    if (typeof outcome === 'string') {
      const refused = { code: 'FHIR_CONSENT_UNSUPPORTED', facts: { reason: outcome } };
      expect(refusalOf(json)).toMatchObject(refused);
      return;
    }
    const { plaintexts, byProxy } = readFhirConsent(json, pcfTerms);
    expect(plaintexts).toHaveLength(outcome ?? -1);
    expect(byProxy).toBe(name.endsWith('-infant'));
    const wallet = await signingWallet(1);
    for (const plaintext of plaintexts) {
      // None of them replaces another, so that all can be signed.
      expect((await wallet.signConsent(plaintext)).supersededSecrets).toEqual([]);
    }
  });
});

function refusalOf(json: unknown): DomainError | undefined {
  try {
    readFhirConsent(json, pcfTerms);
  } catch (thrown) {
    if (thrown instanceof DomainError) return thrown;
    throw thrown;
  }
  return undefined;
}
