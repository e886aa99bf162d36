import type { ExtractResource } from '@medplum/fhirtypes';
import { parseAllergy } from './fhir-allergy.js';
import { parseCondition } from './fhir-condition.js';
import { parseDiagnosticReport } from './fhir-diagnostic-report.js';
import { parseDispense } from './fhir-dispense.js';
import { parseEncounter } from './fhir-encounter.js';
import { parseImmunization } from './fhir-immunization.js';
import { parseMedicationAdministration } from './fhir-medication-administration.js';
import { parseMedicationRequest } from './fhir-medication-request.js';
import { parseObservation } from './fhir-observation.js';
import { parseProcedure } from './fhir-procedure.js';
import type { ParsedRecord } from './fhir-record.js';
import { ALLERGY_WIRE, type AllergyContent } from './kind-allergy.js';
import { CONDITION_WIRE, type ConditionContent } from './kind-condition.js';
import { DIAGNOSTIC_REPORT_WIRE, type DiagnosticReportContent } from './kind-diagnostic-report.js';
import { DISPENSE_WIRE, type DispenseContent } from './kind-dispense.js';
import { ENCOUNTER_WIRE, type EncounterContent } from './kind-encounter.js';
import { IMMUNIZATION_WIRE, type ImmunizationContent } from './kind-immunization.js';
import {
  MEDICATION_ADMINISTRATION_WIRE,
  type MedicationAdministrationContent,
} from './kind-medication-administration.js';
import {
  MEDICATION_REQUEST_WIRE,
  type MedicationRequestContent,
} from './kind-medication-request.js';
import { OBSERVATION_WIRE, type ObservationContent } from './kind-observation.js';
import { PROCEDURE_WIRE, type ProcedureContent } from './kind-procedure.js';
import type { RecordClass, Released } from './model.js';
import { addAllergyType } from './type-allergy.js';
import { addConditionType } from './type-condition.js';
import { addDiagnosticReportType } from './type-diagnostic-report.js';
import { addDispenseType } from './type-dispense.js';
import { addEncounterType } from './type-encounter.js';
import { addImmunizationType } from './type-immunization.js';
import { addMedicationAdministrationType } from './type-medication-administration.js';
import { addMedicationRequestType } from './type-medication-request.js';
import { addObservationType } from './type-observation.js';
import { addProcedureType } from './type-procedure.js';
import type { RecordTypes } from './type-record.js';
import type { WireOf } from './wire-element.js';

/** What the rows of each kind say. A kind is named by the FHIR resource type that it is read from. */
export interface Contents {
  readonly Encounter: EncounterContent;
  readonly Condition: ConditionContent;
  readonly Observation: ObservationContent;
  readonly MedicationRequest: MedicationRequestContent;
  readonly MedicationDispense: DispenseContent;
  readonly MedicationAdministration: MedicationAdministrationContent;
  readonly Procedure: ProcedureContent;
  readonly Immunization: ImmunizationContent;
  readonly AllergyIntolerance: AllergyContent;
  readonly DiagnosticReport: DiagnosticReportContent;
}

export type KindName = keyof Contents;
export type RowOf<Name extends KindName> = Released & Contents[Name];

/** All there is to know of a kind of rows: where it is asked for, how it is read, how it leaves. */
export interface Kind<Name extends KindName> {
  /** What a permit must open. */
  readonly dataClass: RecordClass;
  /** Its GraphQL type, and the field of Participant that lists it. */
  readonly name: string;
  readonly field: string;
  /** What that field lists, for its description. */
  readonly words: string;
  /** What its filter takes beside codes. */
  readonly filter: FilterShape;
  readonly wire: WireOf<Contents[Name]>;
  /** Undefined for what was entered in error, so that nobody is told of it. */
  parse(resource: ExtractResource<Name>): ParsedRecord<Contents[Name]> | undefined;
  addType<Opened>(types: RecordTypes<Opened>): { readonly $inferType: RowOf<Name> };
}

export interface FilterShape {
  /** The element that its time range is named after. */
  readonly range: string;
  /** What its codes are found in. */
  readonly codes: string;
  /** The element that its categories are read from; null if its type has none. */
  readonly categories: string | null;
  /** Whether it can be found by its value. */
  readonly value: boolean;
}

/** Every kind of rows of a participant: the next one is its files and an entry here. */
export const KINDS: { readonly [Name in KindName]: Kind<Name> } = {
  Encounter: {
    dataClass: 'ENCOUNTER',
    name: 'Encounter',
    field: 'encounters',
    words: 'Visits and stays',
    filter: { codes: 'type and reasonCode', categories: 'class', value: false, range: 'period' },
    wire: ENCOUNTER_WIRE,
    parse: parseEncounter,
    addType: addEncounterType,
  },
  Condition: {
    dataClass: 'CONDITION',
    name: 'Condition',
    field: 'conditions',
    words: 'Diagnoses and problems',
    filter: { codes: 'code', categories: 'category', value: false, range: 'recorded' },
    wire: CONDITION_WIRE,
    parse: parseCondition,
    addType: addConditionType,
  },
  Observation: {
    dataClass: 'OBSERVATION',
    name: 'Observation',
    field: 'observations',
    words: 'Measurements and findings',
    filter: {
      codes: 'code and component.code',
      categories: 'category',
      value: true,
      range: 'effective',
    },
    wire: OBSERVATION_WIRE,
    parse: parseObservation,
    addType: addObservationType,
  },
  MedicationRequest: {
    dataClass: 'MEDICATION',
    name: 'MedicationRequest',
    field: 'medicationRequests',
    words: 'Prescriptions',
    filter: { codes: 'medication', categories: 'category', value: false, range: 'authoredOn' },
    wire: MEDICATION_REQUEST_WIRE,
    parse: parseMedicationRequest,
    addType: addMedicationRequestType,
  },
  MedicationDispense: {
    dataClass: 'MEDICATION',
    name: 'Dispense',
    field: 'dispenses',
    words: 'Medicines handed over',
    filter: { codes: 'medication', categories: 'category', value: false, range: 'recorded' },
    wire: DISPENSE_WIRE,
    parse: parseDispense,
    addType: addDispenseType,
  },
  MedicationAdministration: {
    dataClass: 'MEDICATION',
    name: 'MedicationAdministration',
    field: 'medicationAdministrations',
    words: 'Medicines given or not given',
    filter: { codes: 'medication', categories: 'category', value: false, range: 'effective' },
    wire: MEDICATION_ADMINISTRATION_WIRE,
    parse: parseMedicationAdministration,
    addType: addMedicationAdministrationType,
  },
  Procedure: {
    dataClass: 'PROCEDURE',
    name: 'Procedure',
    field: 'procedures',
    words: 'What was done to or for the participant',
    filter: { codes: 'code', categories: 'category', value: false, range: 'performed' },
    wire: PROCEDURE_WIRE,
    parse: parseProcedure,
    addType: addProcedureType,
  },
  Immunization: {
    dataClass: 'IMMUNIZATION',
    name: 'Immunization',
    field: 'immunizations',
    words: 'Vaccines given or not given',
    filter: { codes: 'vaccineCode', categories: null, value: false, range: 'occurrence' },
    wire: IMMUNIZATION_WIRE,
    parse: parseImmunization,
    addType: addImmunizationType,
  },
  AllergyIntolerance: {
    dataClass: 'ALLERGY',
    name: 'AllergyIntolerance',
    field: 'allergies',
    words: 'Allergies and intolerances',
    filter: {
      codes: 'code and reaction.substance',
      categories: 'category',
      value: false,
      range: 'recorded',
    },
    wire: ALLERGY_WIRE,
    parse: parseAllergy,
    addType: addAllergyType,
  },
  DiagnosticReport: {
    dataClass: 'DIAGNOSTIC_REPORT',
    name: 'DiagnosticReport',
    field: 'diagnosticReports',
    words: 'Reports of laboratories and departments',
    filter: {
      codes: 'code and conclusionCode',
      categories: 'category',
      value: false,
      range: 'effective',
    },
    wire: DIAGNOSTIC_REPORT_WIRE,
    parse: parseDiagnosticReport,
    addType: addDiagnosticReportType,
  },
};

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export function isKindName(type: string): type is KindName {
  return Object.hasOwn(KINDS, type);
}
