import type {
  DosageDoseAndRate,
  MedicationAdministration,
  MedicationAdministrationDosage,
} from '@medplum/fhirtypes';
import type { Period } from '../../core/time.js';
import { describedValues } from '../../graph/words.js';
import { toListed } from '../deidentify/concept.js';
import { civilDateOf } from '../fhir/date.js';
import { parseMedication } from '../fhir/medication.js';
import { partialOf } from '../fhir/partial.js';
import { parseHappened } from '../fhir/period.js';
import { type Dosage, dosage } from '../model/dosage.js';
import {
  EMPTY_UNCODED,
  MEDICATION,
  NOT_DONE,
  NULL_UNCODED,
  PERIOD_NULL,
} from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  list,
  listed,
  maybe,
  partial,
  period,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { parseDosage, parseDoseAndRate } from './read-dosage.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import { ADMINISTRATION_STATUS } from './statuses.js';
import type { RecordTypes } from './type-record.js';

const ADMINISTRATION_STATUSES = [
  'IN_PROGRESS',
  'NOT_DONE',
  'ON_HOLD',
  'COMPLETED',
  'STOPPED',
  'UNKNOWN',
] as const;

/** What a MedicationAdministration says. */
export interface MedicationAdministrationContent extends Dated {
  readonly status: (typeof ADMINISTRATION_STATUSES)[number];
  readonly statusReason: readonly CodeableConcept[];
  readonly category: CodeableConcept | null;
  readonly medication: CodeableConcept;
  readonly effective: Period | null;
  readonly reasonCode: readonly CodeableConcept[];
  readonly dosage: Dosage | null;
}

const MEDICATION_ADMINISTRATION_WIRE: WireOf<MedicationAdministrationContent> = {
  recorded: maybe(civilDate),
  partial,
  status: listed(ADMINISTRATION_STATUSES),
  statusReason: list(concept),
  category: maybe(concept),
  medication: concept,
  effective: maybe(period),
  reasonCode: list(concept),
  dosage: maybe(dosage),
};

/** Reads a MedicationAdministration; undefined if it was entered in error. */
function parseMedicationAdministration(
  resource: MedicationAdministration,
): ParsedRecord<MedicationAdministrationContent> | undefined {
  const status = toListed(resource.status, ADMINISTRATION_STATUSES);
  if (status === null) return undefined;
  const { effectiveDateTime, effectivePeriod } = resource;
  const { period, span, recorded } = parseHappened(effectiveDateTime, effectivePeriod);
  const content: MedicationAdministrationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('MedicationAdministration', resource),
    status,
    statusReason: parseConcepts(resource.statusReason),
    category: parseOptional(resource.category),
    medication: parseMedication(resource),
    effective: period,
    reasonCode: parseConcepts(resource.reasonCode),
    dosage: resource.dosage === undefined ? null : parseGiven(resource.dosage),
  };
  return {
    content,
    span,
    codes: codingsOf(content.medication),
    categories: content.category === null ? [] : codesOf(content.category),
  };
}

/** One dose, given once: the parts of a prescription about time and need do not apply. */
function parseGiven(dosage: MedicationAdministrationDosage): Dosage {
  const { site, route, method, dose, rateRatio, rateQuantity } = dosage;
  const isMeasured = dose !== undefined || rateRatio !== undefined || rateQuantity !== undefined;
  const given = { doseQuantity: dose, rateRatio, rateQuantity } as DosageDoseAndRate;
  return {
    ...parseDosage({}),
    site: parseOptional(site),
    route: parseOptional(route),
    method: parseOptional(method),
    doseAndRate: isMeasured ? [parseDoseAndRate(given)] : [],
  };
}

/** Adds MedicationAdministration: a medicine given or not given, as in FHIR R4. */
function addMedicationAdministrationType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef, PeriodRef, DosageRef } = types;
  const StatusEnum = builder.enumType('MedicationAdministrationStatus', {
    description: 'The status of an administration, as FHIR MedicationAdministration Status Codes.',
    values: describedValues(ADMINISTRATION_STATUS),
  });
  const ref = builder.objectRef<Released & MedicationAdministrationContent>(
    'MedicationAdministration',
  );
  return ref.implement({
    description: 'A medicine given or not given, as FHIR R4 MedicationAdministration.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', {
        type: StatusEnum,
        description: NOT_DONE,
      }),
      statusReason: t.expose('statusReason', {
        type: [CodeableConceptRef],
        description: `Why it was not given. ${EMPTY_UNCODED}`,
      }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example inpatient or community. ${NULL_UNCODED}`,
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: MEDICATION,
      }),
      effective: t.expose('effective', {
        type: PeriodRef,
        nullable: true,
        description: `When it was given. ${PERIOD_NULL}`,
      }),
      reasonCode: t.expose('reasonCode', {
        type: [CodeableConceptRef],
        description: `Why it was given. ${EMPTY_UNCODED}`,
      }),
      dosage: t.expose('dosage', {
        type: DosageRef,
        nullable: true,
        description: `How it was given. ${NULL_UNCODED}`,
      }),
    }),
  });
}

/**
 * FHIR R4 MedicationAdministration: how it is parsed, released, sent between nodes and shown in
 * GraphQL.
 */
export const MEDICATION_ADMINISTRATION: Kind<
  MedicationAdministration,
  MedicationAdministrationContent
> = {
  dataClass: 'MEDICATION',
  name: 'MedicationAdministration',
  field: 'medicationAdministrations',
  words: 'Medicines given or not given',
  filter: { codes: 'medication', categories: 'category', value: false, range: 'effective' },
  wire: MEDICATION_ADMINISTRATION_WIRE,
  parse: parseMedicationAdministration,
  addType: addMedicationAdministrationType,
};
