import type { AuditEvent, AuditEventEntity, AuditEventEntityDetail } from '@medplum/fhirtypes';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';
import type { AccountedRelease } from './account.js';
import { statementOf } from './statement.js';

const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const LIFECYCLE = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const SOURCE_TYPE = 'http://terminology.hl7.org/CodeSystem/security-source-type';

/** Names of this network inside FHIR identifiers: numbers that no registry issued. */
const REQUESTER = 'urn:assent:requester';
const HANDLE = 'urn:assent:consent-handle';
const INSTITUTION = 'urn:assent:institution';
const STUDY = 'urn:assent:study';

/** Who accounts, and for whom. */
export interface AccountedFor {
  readonly institution: InstitutionId;
  /** The FHIR id of the Patient at that institution, or its URL. */
  readonly patientId: string;
}

/**
 * A release as FHIR R4 AuditEvent: an export of a patient's records by this institution, disclosed
 * to a requester. As the entry of a FHIR server's own log would have it, so that both are one list.
 *
 * @source https://hl7.org/fhir/R4/auditevent.html; ISO 21089, "disclose"
 */
export function auditEventOf(release: AccountedRelease, who: AccountedFor): AuditEvent {
  const { record } = release;
  const { description, purpose } = statementOf(release);
  return {
    resourceType: 'AuditEvent',
    type: { system: DICOM, code: '110106', display: 'Export' },
    subtype: [{ system: LIFECYCLE, code: 'disclose', display: 'Disclose Record Lifecycle Event' }],
    action: 'R',
    recorded: isoFromSeconds(record.at),
    outcome: '0',
    outcomeDesc: description,
    purposeOfEvent: [{ coding: [{ system: ACT_REASON, code: record.purpose }], text: purpose }],
    agent: agentsOf(release, who),
    source: {
      observer: institutionOf(who),
      type: [{ system: SOURCE_TYPE, code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(release, who),
  };
}

/** One AuditEvent a line, as FHIR's bulk data are. @source https://hl7.org/fhir/R4/nd-json.html */
export function auditEventsNdjson(
  releases: readonly AccountedRelease[],
  who: AccountedFor,
): string {
  return releases.map((release) => `${JSON.stringify(auditEventOf(release, who))}\n`).join('');
}

function agentsOf(release: AccountedRelease, who: AccountedFor): AuditEvent['agent'] {
  const { consent } = release;
  const { recipient } = statementOf(release);
  const identifier =
    consent === null ? {} : { identifier: { system: REQUESTER, value: consent.requester } };
  return [
    {
      type: roleOf('110152', 'Destination Role ID'),
      who: { ...identifier, display: recipient },
      requestor: true,
    },
    { type: roleOf('110153', 'Source Role ID'), who: institutionOf(who), requestor: false },
  ];
}

function entitiesOf(release: AccountedRelease, { patientId }: AccountedFor): AuditEventEntity[] {
  const { record, study, consent, leaf } = release;
  const details = {
    dataClass: record.dataClass,
    count: String(record.count),
    ...(leaf === null ? {} : { evidenceLeaf: leaf }),
  };
  return [
    {
      what: { reference: patientId.includes('/') ? patientId : `Patient/${patientId}` },
      type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
      role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
    },
    {
      what: { type: 'Consent', identifier: { system: HANDLE, value: record.handle } },
      type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
      role: { system: OBJECT_ROLE, code: '13', display: 'Security Resource' },
      ...(consent === null ? {} : { detail: detailsOf({ policy: consent.policy }) }),
    },
    {
      what: {
        type: 'ResearchStudy',
        identifier: { system: STUDY, value: record.study },
        display: study.title,
      },
      type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
      role: { system: OBJECT_ROLE, code: '20', display: 'Job' },
      detail: detailsOf(details),
    },
  ];
}

function institutionOf({ institution }: AccountedFor) {
  return { identifier: { system: INSTITUTION, value: institution }, display: institution };
}

function roleOf(code: string, display: string) {
  return { coding: [{ system: DICOM, code, display }] };
}

function detailsOf(values: Readonly<Record<string, string>>): AuditEventEntityDetail[] {
  return Object.entries(values).map(([type, valueString]) => ({ type, valueString }));
}
