import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds, type Period, type Seconds } from '../../core/time.js';
import { fieldOf, institutionField } from '../../zk/arithmetic/field.js';
import type { LeafPeriod } from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import { readDuties, readScope } from '../../zk/vocabulary.js';
import {
  CONSENT_SCOPE,
  classCodings,
  dutyCodings,
  labelCodings,
  PARTICIPATION,
  purposeCodings,
} from './code.js';
import type { FhirConsent } from './form.js';
import {
  HANDLE_SYSTEM,
  INSTITUTION_SYSTEM,
  POLICY_URN,
  PSEUDONYM_SYSTEM,
  REQUESTER_SYSTEM,
  STUDY_SYSTEM,
} from './terms.js';
import { fhirPeriodOf } from './time.js';

/** The plaintext of what a leaf contains only as hashes. */
export interface ExportedText {
  readonly policyText: string;
  /** The only custodian that may release; undefined: any. */
  readonly institution: InstitutionId | undefined;
  readonly signedAt: Seconds;
  readonly withdrawn?: boolean;
}

/**
 * A signed consent as FHIR R4 Consent. The patient is named by the pseudonym, which only the
 * linking institution can connect with the person. Without salt and signature it proves nothing by
 * itself.
 *
 * @returns a Consent that readFhirConsent reads back as what was signed.
 * @throws BAD_INPUT unless text and institution are those of the leaf; TIME_OUT_OF_RANGE for dates
 *   that FHIR cannot write; CODE_UNKNOWN
 */
export function fhirConsentOf({ fields }: SignedConsent, text: ExportedText): FhirConsent {
  const { policyText, institution, signedAt, withdrawn = false } = text;
  const custodian = institution === undefined ? 0n : institutionField(institution);
  if (fields.policy !== fieldOf(policyText)) throw new DomainError('BAD_INPUT', { of: 'policy' });
  if (fields.institution !== custodian) throw new DomainError('BAD_INPUT', { of: 'institution' });
  const duties = readDuties(fields.duties);
  const patient = named(PSEUDONYM_SYSTEM, String(fields.pseudonym));
  return {
    resourceType: 'Consent',
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/workflow-researchStudy',
        valueReference: named(STUDY_SYSTEM, String(fields.study)),
      },
    ],
    identifier: [{ system: HANDLE_SYSTEM, value: String(fields.handle) }],
    status: withdrawn ? 'inactive' : 'active',
    scope: { coding: [{ system: CONSENT_SCOPE, code: 'research' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient,
    dateTime: isoFromSeconds(signedAt),
    performer: [patient],
    ...(institution === undefined
      ? {}
      : { organization: [named(INSTITUTION_SYSTEM, institution)] }),
    sourceAttachment: { contentType: 'text/plain; charset=utf-8', data: base64Of(policyText) },
    policy: [{ uri: `${POLICY_URN}${fields.policy}` }],
    ...(duties.length === 0 ? {} : { policyRule: { coding: dutyCodings(duties) } }),
    provision: provisionOf(fields),
  };
}

function provisionOf(fields: SignedConsent['fields']): NonNullable<FhirConsent['provision']> {
  const { purposes, dataClasses, labels } = readScope(fields.scope);
  const dataPeriod = fhirPeriodOf(periodOf(fields.dataWindow), { omitFrom: 0 });
  const period = fhirPeriodOf(periodOf(fields.validity));
  return {
    type: 'permit',
    ...(period === undefined ? {} : { period }),
    actor: [
      {
        role: { coding: [{ system: PARTICIPATION, code: 'IRCP' }] },
        reference: named(REQUESTER_SYSTEM, String(fields.requester)),
      },
    ],
    securityLabel: labelCodings(labels),
    purpose: purposeCodings(purposes),
    class: classCodings(dataClasses),
    ...(dataPeriod === undefined ? {} : { dataPeriod }),
  };
}

function named(system: string, value: string) {
  return { identifier: { system, value } };
}

function periodOf({ from, until }: LeafPeriod): Period {
  return { from: Number(from), until: Number(until) };
}

function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
