import { describe, expect, test } from 'vitest';
import { readFhirConsent } from '../../../src/client/fhir-consent/import.js';
import type { FhirConsentTerms } from '../../../src/client/fhir-consent/terms.js';
import { DomainError } from '../../../src/core/errors.js';
import {
  fhirConsent,
  pcfTerms,
  purpose,
  recipient,
} from '../../support/client/fhir-consent-sample.js';

/*
 * Consents of the kinds that public senders publish as their tests and examples, each written here
 * with what decides alone. Every kind of another sender is refused for what it says.
 */

const terms: FhirConsentTerms = { ...pcfTerms, purposes: ['TREAT', 'HRESCH'] };
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const LOINC = 'http://loinc.org';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const OPTIN = { policyRule: concept(ACT_CODE, 'OPTIN') };

function outcomeOf(json: unknown): string {
  try {
    const { plaintexts, byProxy } = readFhirConsent(json, terms);
    return `${plaintexts.length} leaf${byProxy ? ' by proxy' : ''}`;
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return `${thrown.facts.reason ?? thrown.code} ${String(thrown.facts.place)}`;
  }
}

const ofCategories = (...category: object[]) => outcomeOf(fhirConsent({}, { category }));
const byPerformer = (...performer: object[]) => outcomeOf(fhirConsent({}, { performer }));

describe('what a Consent is about, by its category', () => {
  test.each([
    [LOINC, '59284-0'],
    [LOINC, '57016-8'],
    [LOINC, '64292-6'],
    [ACT_CODE, 'IDSCL'],
    [ACT_CODE, 'INFA'],
    [ACT_CODE, 'RESEARCH'],
    ['http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'research'],
  ])('is that records may be seen: %s %s', (system, code) => {
    expect(ofCategories(concept(system, code))).toBe('1 leaf');
  });

  test.each([
    ['a bill that is kept', 'https://payer.example/CodeSystem/consent-type', 'CHARGES'],
    ['an opt-out by a template', 'https://trust.example/CodeSystem/template-type', 'OPT-OUT'],
    ['an operation', LOINC, '64293-4'],
    ['no code of LOINC', LOINC, '59284-6'],
    ['a notice that was read', 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'npp'],
    ['records without a name', ACT_CODE, 'RSDID'],
    ['access without a copy', ACT_CODE, 'INFAO'],
    ['what was collected', ACT_CODE, 'ICOL'],
    ['a member of every object', ACT_CODE, 'constructor'],
  ])('is never %s', (_what, system, code) => {
    const strange = concept(system, code);
    expect(ofCategories(strange)).toBe('CATEGORY Consent.category[0]');
    expect(ofCategories(concept(LOINC, '59284-0'), strange)).toBe('CATEGORY Consent.category[1]');
    expect(
      outcomeOf(fhirConsent({}, { ...OPTIN, provision: undefined, category: [strange] })),
    ).toBe('CATEGORY Consent.category[0]');
  });

  test('is not told by words alone, and a translation of a known code is that code', () => {
    expect(ofCategories({ text: 'Consent to share' })).toBe('CATEGORY Consent.category[0]');
    const own = { system: 'https://hospital.example/forms', code: 'F-17' };
    expect(ofCategories({ coding: [own, { system: LOINC, code: '59284-0' }] })).toBe('1 leaf');
  });

  test('is named where nothing else stands against it', () => {
    const category = [concept('https://trust.example/CodeSystem/template-type', 'OPT-IN')];
    const provision = { type: 'permit', code: [concept('urn:oid:2.999.1', '8')] };
    expect(outcomeOf(fhirConsent({}, { category, provision }))).toBe('CODE Consent.provision.code');
  });
});

describe('who agreed', () => {
  const npi = { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' };
  const REFUSED = 'PERFORMER Consent.performer[0]';

  test.each([
    ['the patient', { reference: 'Patient/ana' }, '1 leaf'],
    ['a parent', { reference: 'RelatedPerson/mother' }, '1 leaf by proxy'],
    ['a parent who is a patient', { reference: 'Patient/mother' }, '1 leaf by proxy'],
    [
      'a parent elsewhere',
      { reference: 'https://a.example/fhir/RelatedPerson/1' },
      '1 leaf by proxy',
    ],
    [
      'a parent by number',
      { type: 'RelatedPerson', identifier: { value: '7' } },
      '1 leaf by proxy',
    ],
    ['a hospital', { reference: 'Organization/ex-organization' }, REFUSED],
    ['a physician', { reference: 'Practitioner/ex-practitioner' }, REFUSED],
    ['a physician by number', { identifier: npi, display: 'Dr. Lee' }, REFUSED],
    ['a physician elsewhere', { reference: 'https://a.example/fhir/Practitioner/1' }, REFUSED],
    ['a role', { reference: 'PractitionerRole/1' }, REFUSED],
    ['a person without a type', { display: 'Ana' }, REFUSED],
    ['one inside it', { reference: '#mother' }, REFUSED],
  ])('is the patient or a person who speaks for the patient: %s', (_who, performer, outcome) => {
    expect(byPerformer(performer)).toBe(outcome);
  });

  test('is the same by the number that names the patient', () => {
    const identifier = { system: 'https://hospital.example/mrn', value: 'M-1' };
    const change = { patient: { identifier }, performer: [{ identifier }] };
    expect(outcomeOf(fhirConsent({}, change))).toBe('1 leaf');
  });

  test('is never the recipient: a provider who attests that a patient is treated', () => {
    const actor = [recipient('Practitioner/ex-practitioner')];
    const provision = { type: 'permit', purpose: purpose('TREAT'), actor };
    const performer = [{ reference: 'Practitioner/ex-practitioner' }];
    expect(outcomeOf(fhirConsent({}, { provision, performer }))).toBe(REFUSED);
    expect(outcomeOf(fhirConsent({}, { provision }))).toBe('1 leaf');
  });
});

describe('a Consent of another kind is refused for what it says', () => {
  test('one that is about no patient', () => {
    expect(outcomeOf(fhirConsent({}, { patient: undefined }))).toBe(
      'PATIENT_MISSING Consent.patient',
    );
    expect(outcomeOf(fhirConsent({}, { patient: { display: 'Ana' } }))).toBe(
      'PATIENT_MISSING Consent.patient',
    );
  });

  test('one whose rule is qualified by an extension: a facility that opted out', () => {
    const extension = [{ url: 'https://service.example/participation', valueCode: 'opt-out' }];
    const rule = { type: 'permit', purpose: purpose('HRESCH') };
    const place = 'EXTENSION Consent.provision';
    expect(outcomeOf(fhirConsent({ extension }))).toBe(place);
    const inner = { ...rule, extension };
    expect(outcomeOf(fhirConsent({}, { provision: { type: 'deny', provision: [inner] } }))).toBe(
      `${place}.provision[0]`,
    );
    const actor = [{ ...recipient('Practitioner/ex-practitioner'), extension }];
    expect(outcomeOf(fhirConsent({ actor }))).toBe(place);
  });

  test.each([
    ['a consent service: no scope', { scope: undefined }, 'FHIR_INVALID Consent.scope'],
    [
      'a consent service: the scope among the categories',
      {
        category: [
          concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
          concept(LOINC, '59284-0'),
        ],
      },
      'CATEGORY Consent.category[0]',
    ],
    [
      'a HIPAA authorisation',
      {
        policyRule: concept(
          'http://terminology.hl7.org/CodeSystem/consentpolicycodes',
          'hipaa-auth',
        ),
      },
      'POLICY_RULE Consent.policyRule',
    ],
    [
      'a payer that discloses to the next',
      {
        provision: {
          type: 'permit',
          action: [concept('http://terminology.hl7.org/CodeSystem/consentaction', 'disclose')],
        },
      },
      'ACTION Consent.provision.action',
    ],
    [
      'a broad consent: modules by code under a general refusal',
      {
        provision: {
          type: 'deny',
          period: { start: '2020-09-01', end: '2050-08-31' },
          provision: [{ type: 'permit', code: [concept('urn:oid:2.999.1', '8')] }],
        },
      },
      'CODE Consent.provision.provision[0].code',
    ],
    [
      'a module that was refused',
      { provision: { type: 'deny' } },
      'DISSENT Consent.provision.type',
    ],
    [
      'a national record: access levels as policies',
      { policyRule: concept('urn:ietf:rfc:3986', 'urn:example:access-level:full') },
      'POLICY_RULE Consent.policyRule',
    ],
    [
      'a living will',
      {
        scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'adr'),
        category: [concept('http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'dnr')],
      },
      'SCOPE Consent.scope',
    ],
    [
      'labels by the name of their value set',
      {
        provision: {
          type: 'permit',
          provision: [
            {
              type: 'deny',
              securityLabel: [
                {
                  system: 'http://terminology.hl7.org/ValueSet/v3-InformationSensitivityPolicy',
                  code: 'HIV',
                },
              ],
            },
          ],
        },
      },
      'LABEL_UNKNOWN Consent.provision.provision[0].securityLabel',
    ],
    [
      'an organisation by its name alone',
      { organization: [{ display: 'Hospital' }] },
      'ACTOR_UNKNOWN Consent.organization[0]',
    ],
  ])('%s', (_kind, change, outcome) => {
    expect(outcomeOf(fhirConsent({}, change))).toBe(outcome);
  });
});
