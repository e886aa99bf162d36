import type { FhirConsentTerms, FhirParty } from '../../../src/client/fhir-consent/terms.js';
import { RIVERSIDE } from '../names.js';

const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';

export const PORTAL = 11n;
export const PRACTITIONER = 12n;
export const GROUP = 13n;
export const RESEARCHER = 14n;

const parties: readonly (readonly [string, FhirParty])[] = [
  ['Organization/ex-organization', { institution: RIVERSIDE }],
  ['Practitioner/ex-practitioner', { requester: PRACTITIONER }],
  ['Group/ex-privilegedUsers', { requester: GROUP }],
  ['Organization/ex-org-researcher', { requester: RESEARCHER }],
];

/** What the policy of these consents says where they do not. */
export const pcfTerms: FhirConsentTerms = {
  parties: new Map(parties),
  community: [PORTAL],
  dataClasses: ['CONDITION', 'OBSERVATION'],
  labels: [],
  duties: ['NO_REDISCLOSURE'],
  policyText: 'I agree to the policy that this consent names.',
};

export const purpose = (...codes: string[]) => codes.map((code) => ({ system: ACT_REASON, code }));
export const classOf = (...codes: string[]) =>
  codes.map((code) => ({ system: RESOURCE_TYPES, code }));
export const label = (...codes: string[]) =>
  codes.map((code) => ({
    system: ['N', 'R', 'V'].includes(code) ? CONFIDENTIALITY : ACT_CODE,
    code,
  }));
export const recipient = (reference: string, code = 'IRCP') => ({
  role: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code }],
  },
  reference: { reference },
});
export const data = (meaning: string, reference: string) => [{ meaning, reference: { reference } }];

/** A consent of the IHE PCF forms, permitting research, with changes. */
export function fhirConsent(provision: object = {}, change: object = {}) {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/consentscope',
          code: 'patient-privacy',
        },
      ],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/ana' },
    dateTime: '2026-02-03',
    performer: [{ reference: 'Patient/ana' }],
    organization: [{ reference: 'Organization/ex-organization' }],
    policy: [{ uri: 'https://example.org/policies/research' }],
    provision: { type: 'permit', purpose: purpose('HRESCH'), ...provision },
    ...change,
  };
}
