import type { ExtractResource } from '@medplum/fhirtypes';
import type { Released } from '../model/model.js';
import { ALLERGY_INTOLERANCE, type AllergyContent } from './allergy.js';
import { CONDITION, type ConditionContent } from './condition.js';
import { DIAGNOSTIC_REPORT, type DiagnosticReportContent } from './diagnostic-report.js';
import { type DispenseContent, MEDICATION_DISPENSE } from './dispense.js';
import { ENCOUNTER, type EncounterContent } from './encounter.js';
import { IMMUNIZATION, type ImmunizationContent } from './immunization.js';
import type { Kind } from './kind.js';
import {
  MEDICATION_ADMINISTRATION,
  type MedicationAdministrationContent,
} from './medication-administration.js';
import { MEDICATION_REQUEST, type MedicationRequestContent } from './medication-request.js';
import { OBSERVATION } from './observation.js';
import type { ObservationContent } from './observation-content.js';
import { PROCEDURE, type ProcedureContent } from './procedure.js';

/**
 * The content of the rows of each kind. A kind is named after the FHIR resource type that it is
 * parsed from.
 */
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

/** A kind by the name of its resource type. */
export type KindOf<Name extends KindName> = Kind<ExtractResource<Name>, Contents[Name]>;

/** Every kind of rows of a participant. To add one, write its file and an entry here. */
export const KINDS: { readonly [Name in KindName]: KindOf<Name> } = {
  Encounter: ENCOUNTER,
  Condition: CONDITION,
  Observation: OBSERVATION,
  MedicationRequest: MEDICATION_REQUEST,
  MedicationDispense: MEDICATION_DISPENSE,
  MedicationAdministration: MEDICATION_ADMINISTRATION,
  Procedure: PROCEDURE,
  Immunization: IMMUNIZATION,
  AllergyIntolerance: ALLERGY_INTOLERANCE,
  DiagnosticReport: DIAGNOSTIC_REPORT,
};

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export function isKindName(type: string): type is KindName {
  return Object.hasOwn(KINDS, type);
}
