import { describe, expect, test } from 'vitest';
import { readFhirConsent } from '../../../src/client/fhir-consent/import.js';
import type { FhirConsentTerms } from '../../../src/client/fhir-consent/terms.js';
import { DomainError } from '../../../src/core/errors.js';
import {
  classOf,
  data,
  fhirConsent,
  label,
  PORTAL,
  pcfTerms,
  purpose,
  recipient,
} from '../../support/client/fhir-consent-sample.js';

/*
 * A base policy as HL7's own examples of R4 name it, and what the provision says under it. Each row
 * has the shape of one of those examples; none is copied.
 */

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const policyRule = (...codes: string[]) => ({
  policyRule: { coding: codes.map((code) => ({ system: ACT_CODE, code })) },
});
/** Purposes that the policy has where a Consent names none. */
const terms: FhirConsentTerms = { ...pcfTerms, purposes: ['TREAT', 'HRESCH'] };

function outcomeOf(json: unknown, by: FhirConsentTerms = terms): unknown {
  try {
    return readFhirConsent(json, by).plaintexts.map(
      ({ requester, purposes, dataClasses, duties }) => ({
        requester,
        purposes,
        dataClasses,
        duties,
      }),
    );
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return `${thrown.facts.reason ?? thrown.code} ${String(thrown.facts.place)}`;
  }
}

const under = (code: string, provision: object | undefined, change: object = {}) =>
  fhirConsent({}, { ...policyRule(code), provision, ...change });
const WHOLE = {
  requester: PORTAL,
  purposes: ['TREAT', 'HRESCH'],
  dataClasses: ['CONDITION', 'OBSERVATION'],
  duties: ['NO_REDISCLOSURE'],
};
const actions = [{ coding: [{ code: 'access' }] }, { coding: [{ code: 'correct' }] }];
const custodian = recipient('Organization/ex-organization', 'CST');
const primary = recipient('Practitioner/ex-practitioner', 'PRCP');

describe('a base policy', () => {
  test('that opts in permits what its policy covers where no rule says otherwise', () => {
    for (const provision of [undefined, {}, { id: 'root' }]) {
      expect(outcomeOf(under('OPTIN', provision))).toEqual([WHOLE]);
    }
    // Without purposes in its policy either, it names none.
    expect(outcomeOf(under('OPTIN', undefined), pcfTerms)).toBe(
      'PURPOSE_MISSING Consent.provision',
    );
  });

  test('that opts out permits nothing but what a rule permits', () => {
    expect(outcomeOf(under('OPTOUT', undefined))).toContain('DISSENT');
    expect(outcomeOf(under('OPTOUT', { type: 'deny' }))).toContain('DISSENT');
    const research = { type: 'permit', purpose: purpose('HRESCH') };
    const permitted = [{ ...WHOLE, purposes: ['HRESCH'] }];
    expect(outcomeOf(under('OPTOUT', research))).toEqual(permitted);
    expect(outcomeOf(under('OPTOUTE', { provision: [research] }))).toEqual(permitted);
    expect(outcomeOf(under('OPTOUT', { type: 'deny', provision: [research] }))).toEqual(permitted);
  });

  test('that opts in is narrowed by what rules deny, and never widened by what one permits', () => {
    const noConditions = { type: 'deny', class: classOf('Condition') };
    const narrowed = [{ ...WHOLE, dataClasses: ['OBSERVATION'] }];
    expect(outcomeOf(under('OPTIN', noConditions))).toEqual(narrowed);
    expect(outcomeOf(under('OPTINR', { provision: [noConditions] }))).toEqual(narrowed);
    const research = { type: 'permit', purpose: purpose('HRESCH') };
    expect(outcomeOf(under('OPTIN', research))).toEqual([{ ...WHOLE, purposes: ['HRESCH'] }]);
    expect(outcomeOf(under('OPTIN', { type: 'deny' }))).toContain('DISSENT');
    expect(outcomeOf(under('OPTIN', { ...noConditions, provision: [research] }))).toContain(
      'NESTED_TOO_DEEP',
    );
  });

  test('keeps its duties beside it, and is not guessed', () => {
    const duty = { system: 'urn:assent:duty', code: 'NPU' };
    const optIn = { system: ACT_CODE, code: 'OPTIN' };
    const both = { policyRule: { coding: [optIn, duty] } };
    expect(outcomeOf(fhirConsent({}, both))).toMatchObject([{ duties: ['NPU'] }]);
    const refused = 'POLICY_RULE Consent.policyRule';
    expect(outcomeOf(fhirConsent({}, policyRule('OPTIN', 'OPTOUT')))).toBe(refused);
    expect(outcomeOf(fhirConsent({}, policyRule('constructor')))).toBe(refused);
    expect(outcomeOf(fhirConsent({}, { policyRule: { text: 'as agreed' } }))).toBe(refused);
  });
});

/** By the shape of each of HL7's twelve: what becomes of it, and at which element. */
const EXAMPLES: readonly (readonly [string, object, string])[] = [
  [
    'basic',
    under('OPTIN', { period: { start: '2020', end: '2030' } }),
    'NO_RULE Consent.provision',
  ],
  [
    'Emergency',
    under(
      'OPTOUT',
      {
        actor: [custodian],
        purpose: purpose('ETREAT'),
        provision: [{ type: 'deny', actor: [custodian] }],
      },
      { category: [{ coding: [{ system: ACT_CODE, code: 'EMRGONLY' }] }] },
    ),
    'BREAK_GLASS Consent.category',
  ],
  ['Out', under('OPTOUT', { actor: [custodian] }), 'ACTOR_ROLE Consent.provision.actor[0].role'],
  [
    'grantor',
    under('OPTOUT', { actor: [custodian, primary], action: actions.slice(0, 1) }),
    'ACTION Consent.provision.action',
  ],
  [
    'notAuthor',
    under('OPTIN', { actor: [custodian] }),
    'ACTOR_ROLE Consent.provision.actor[0].role',
  ],
  [
    'notOrg',
    under('OPTIN', { type: 'deny', actor: [primary], action: actions }),
    'ACTION Consent.provision.action',
  ],
  [
    'notThem',
    under('OPTIN', { actor: [primary], action: actions }),
    'ACTION Consent.provision.action',
  ],
  [
    'notThis',
    under('OPTIN', { data: data('related', 'Task/1') }),
    'RELATED Consent.provision.data',
  ],
  [
    'notTime',
    under('OPTIN', { period: { start: '2020-01-01', end: '2020-02-01' } }),
    'NO_RULE Consent.provision',
  ],
  [
    'pkb',
    under('OPTOUT', {
      actor: [primary],
      action: actions,
      securityLabel: label('N'),
      provision: [{ actor: [primary], action: actions, securityLabel: label('PSY') }],
    }),
    'ACTION Consent.provision.action',
  ],
  [
    'signature',
    under('OPTIN', {
      period: { start: '2020-10-10', end: '2021-10-10' },
      actor: [primary],
      provision: [
        {
          type: 'permit',
          actor: [recipient('Practitioner/author', 'AUT')],
          class: [{ system: 'urn:ietf:bcp:13', code: 'application/hl7-cda+xml' }],
        },
      ],
    }),
    'NO_RULE Consent.provision',
  ],
  [
    'smartonfhir',
    under('OPTIN', {
      period: { start: '2020-06-23T17:02:33+10:00', end: '2020-06-23T17:32:33+10:00' },
      provision: [{ type: 'permit', action: actions, class: classOf('MedicationRequest') }],
    }),
    'NO_RULE Consent.provision',
  ],
];

describe("one of the shape of HL7's example", () => {
  test.each(EXAMPLES)('%s is refused for what a leaf cannot say of it', (_name, json, reason) => {
    expect(outcomeOf(json)).toBe(reason);
  });

  test('for an opt-in that is told by period alone is read once it says which it means', () => {
    const period = { start: '2020', end: '2030' };
    expect(outcomeOf(under('OPTIN', { type: 'permit', period }))).toEqual([WHOLE]);
    expect(outcomeOf(under('OPTIN', { type: 'deny', period }))).toContain('NESTED_DENY');
  });

  test('whose recipient is a primary one is a recipient', () => {
    expect(outcomeOf(fhirConsent({ actor: [primary] }))).toHaveLength(1);
  });
});

/** What R5 and STU3 have and R4 has not; R4's own elements are beside them. */
const RELEASES: readonly (readonly [string, object])[] = [
  ['decision', { resourceType: 'Consent', status: 'active', decision: 'permit' }],
  ['provision', { resourceType: 'Consent', status: 'active', provision: [{ purpose: [] }] }],
  ['controller', { resourceType: 'Consent', status: 'active', controller: [{}] }],
  ['regulatoryBasis', fhirConsent({}, { regulatoryBasis: [{ text: 'GDPR' }] })],
  ['subject', { resourceType: 'Consent', status: 'active', subject: { reference: 'Patient/1' } }],
  [
    'policyRule',
    { resourceType: 'Consent', status: 'active', policyRule: 'http://example.org/in' },
  ],
  ['except', { resourceType: 'Consent', status: 'active', except: [{ type: 'deny' }] }],
  ['consentingParty', { resourceType: 'Consent', status: 'active', consentingParty: [{}] }],
];

describe('a Consent of another release', () => {
  test.each(RELEASES)('is named as such by %s', (element, json) => {
    expect(outcomeOf(json)).toBe(`RELEASE Consent.${element}`);
  });

  test('is none where only its name is missing', () => {
    expect(outcomeOf({ resourceType: 'Patient', decision: 'permit' })).toBe(
      'FHIR_INVALID Consent.resourceType',
    );
  });
});

test('a text that is attached with line breaks in its base64 is the text', () => {
  const attached = (encoded: string) =>
    fhirConsent({}, { sourceAttachment: { contentType: 'text/plain', data: encoded } });
  const read = readFhirConsent(attached('SSBh\r\n Z3Jl\nZS4='), terms);
  expect(read.plaintexts[0]?.policyText).toBe('I agree.');
  expect(outcomeOf(attached('SSBh%Z3Jl'))).toBe('FHIR_INVALID Consent.sourceAttachment.data');
});

describe('what a Consent leaves open is not taken for a permission', () => {
  test('an opt-in with restrictions names one', () => {
    const missing = 'RESTRICTION_MISSING Consent.provision';
    const period = { start: '2020', end: '2030' };
    for (const provision of [undefined, {}, { type: 'permit' }, { type: 'permit', period }]) {
      expect(outcomeOf(under('OPTINR', provision))).toBe(missing);
    }
    const research = { type: 'permit', purpose: purpose('HRESCH') };
    expect(outcomeOf(under('OPTINR', research))).toEqual([{ ...WHOLE, purposes: ['HRESCH'] }]);
  });

  test.each([
    ['provision.class', { type: 'deny', class: [] }],
    ['provision.securityLabel', { type: 'permit', securityLabel: [] }],
    ['provision.purpose', { type: 'permit', purpose: [] }],
    ['provision.actor', { type: 'permit', actor: [] }],
    ['provision.provision', { type: 'permit', provision: [] }],
    ['provision.provision.0.class', { type: 'permit', provision: [{ type: 'deny', class: [] }] }],
  ])('an empty list is none of R4: %s', (place, provision) => {
    expect(outcomeOf(under('OPTIN', provision))).toBe(`FHIR_INVALID Consent.${place}`);
  });

  test('nor is a policy that its words take back', () => {
    const coding = [{ system: ACT_CODE, code: 'OPTIN' }];
    const said = (text: string) => outcomeOf(fhirConsent({}, { policyRule: { coding, text } }));
    expect(said('opt out of all research')).toBe('POLICY_RULE Consent.policyRule');
    expect(said('Opt-in')).toHaveLength(1);
  });

  test.each(['_status', '_implicitRules'])('nor a modifier by its extension: %s', (name) => {
    const beside = { [name]: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } };
    expect(outcomeOf(fhirConsent({}, beside))).toBe('MODIFIER Consent');
  });

  test('nor a directive for care', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/consentscope';
    const scope = { coding: ['research', 'adr'].map((code) => ({ system, code })) };
    expect(outcomeOf(fhirConsent({}, { scope }))).toBe('SCOPE Consent.scope');
    const categories = 'http://terminology.hl7.org/CodeSystem/consentcategorycodes';
    const category = [{ coding: [{ system: categories, code: 'dnr' }] }];
    expect(outcomeOf(fhirConsent({}, { category }))).toBe('SCOPE Consent.category');
  });
});
