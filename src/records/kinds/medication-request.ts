import type { MedicationRequest } from '@medplum/fhirtypes';
import { describedValues } from '../../graph/words.js';
import { toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { parseMedication } from '../fhir/medication.js';
import { partialOf } from '../fhir/partial.js';
import { hull } from '../fhir/period.js';
import { type Dosage, dosage } from '../model/dosage.js';
import { DATE_NULL, EMPTY_UNCODED, MEDICATION, NULL_UNSAID } from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  flag,
  list,
  listed,
  maybe,
  partial,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { parseDosage, periodsOf } from './read-dosage.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './record.js';
import { REQUEST_INTENT, REQUEST_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const REQUEST_STATUSES = [
  'ACTIVE',
  'ON_HOLD',
  'CANCELLED',
  'COMPLETED',
  'STOPPED',
  'DRAFT',
  'UNKNOWN',
] as const;
const REQUEST_INTENTS = [
  'PROPOSAL',
  'PLAN',
  'ORDER',
  'ORIGINAL_ORDER',
  'REFLEX_ORDER',
  'FILLER_ORDER',
  'INSTANCE_ORDER',
  'OPTION',
] as const;

/** What a MedicationRequest says. */
export interface MedicationRequestContent extends Dated {
  readonly status: (typeof REQUEST_STATUSES)[number];
  readonly intent: (typeof REQUEST_INTENTS)[number] | null;
  readonly category: readonly CodeableConcept[];
  /** Whether it asks that the medicine is not given. */
  readonly doNotPerform: boolean;
  readonly medication: CodeableConcept;
  /** A civil date. */
  readonly authoredOn: string | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dosageInstruction: readonly Dosage[];
}

const MEDICATION_REQUEST_WIRE: WireOf<MedicationRequestContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(REQUEST_STATUSES),
  intent: maybe(listed(REQUEST_INTENTS)),
  category: list(concept),
  doNotPerform: flag,
  medication: concept,
  authoredOn: maybe(civilDate),
  reasonCode: list(concept),
  dosageInstruction: list(dosage),
};

/** Reads a MedicationRequest; undefined if it was entered in error. */
function parseMedicationRequest(
  resource: MedicationRequest,
): ParsedRecord<MedicationRequestContent> | undefined {
  const status = toListed(resource.status, REQUEST_STATUSES);
  if (status === null) return undefined;
  const { authoredOn } = resource;
  const dosageInstruction = (resource.dosageInstruction ?? []).map(parseDosage);
  const content: MedicationRequestContent = {
    recorded: civilDateOf(authoredOn),
    partial: partialOf('MedicationRequest', resource),
    status,
    intent: toListed(resource.intent, REQUEST_INTENTS),
    category: parseConcepts(resource.category),
    doNotPerform: resource.doNotPerform ?? false,
    medication: parseMedication(resource),
    authoredOn: civilDateOf(authoredOn),
    reasonCode: parseConcepts(resource.reasonCode),
    dosageInstruction,
  };
  return {
    content,
    span: hull(spanOf(authoredOn), ...periodsOf(dosageInstruction)),
    codes: codingsOf(content.medication),
    categories: codesOf(...content.category),
  };
}

/** Adds MedicationRequest: a medicine prescribed, as FHIR R4 MedicationRequest. */
function addMedicationRequestType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationRequestStatus', {
    description: 'The status of a prescription, as FHIR medicationrequest Status.',
    values: describedValues(REQUEST_STATUS),
  });
  const IntentEnum = builder.enumType('MedicationRequestIntent', {
    description: 'How binding a prescription is, as FHIR medicationRequest Intent.',
    values: describedValues(REQUEST_INTENT),
  });
  return builder.objectRef<Released & MedicationRequestContent>('MedicationRequest').implement({
    description: 'A medicine prescribed, as FHIR R4 MedicationRequest.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: 'The status of the prescription.',
      }),
      intent: t.expose('intent', {
        type: IntentEnum,
        nullable: true,
        description: `How binding it is. ${NULL_UNSAID}`,
      }),
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example inpatient, community or discharge. ${EMPTY_UNCODED}`,
      }),
      doNotPerform: t.exposeBoolean('doNotPerform', {
        description: 'Whether it asks that the medicine is not given.',
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: MEDICATION,
      }),
      authoredOn: t.expose('authoredOn', {
        type: 'Date',
        nullable: true,
        description: `When it was written. ${DATE_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was prescribed. ${EMPTY_UNCODED}`,
      }),
      dosageInstruction: t.expose('dosageInstruction', {
        type: [DosageRef],
        description: `How to take it, step by step. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}

/**
 * FHIR R4 MedicationRequest: how it is parsed, released, sent between nodes and shown in GraphQL.
 */
export const MEDICATION_REQUEST: Kind<MedicationRequest, MedicationRequestContent> = {
  dataClass: 'MEDICATION',
  name: 'MedicationRequest',
  field: 'medicationRequests',
  words: 'Prescriptions',
  filter: { codes: 'medication', categories: 'category', value: false, range: 'authoredOn' },
  wire: MEDICATION_REQUEST_WIRE,
  parse: parseMedicationRequest,
  addType: addMedicationRequestType,
};
