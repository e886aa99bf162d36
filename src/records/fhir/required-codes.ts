/*
 * The codes of R4's required bindings, for the ten kinds of records, Patient, Medication and the
 * data types inside them. An element with any other code cannot be relied on.
 *
 * @source FHIR R4 (4.0.1), StructureDefinition.snapshot.element.binding and the ValueSet it names.
 */

const EVENT = 'in-progress not-done on-hold completed entered-in-error stopped unknown';
const ENCOUNTER = 'planned arrived triaged in-progress onleave finished cancelled entered-in-error';
const OBSERVATION = 'registered preliminary final amended corrected cancelled entered-in-error';
const REQUEST = 'active on-hold cancelled completed entered-in-error stopped draft unknown';
const REQUEST_INTENT =
  'proposal plan order original-order reflex-order filler-order instance-order option';
const DISPENSE =
  'preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown';
const REPORT =
  'registered partial preliminary final amended corrected appended cancelled entered-in-error unknown';
const EVENT_TIMING =
  'MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS ' +
  'WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV';

/** By StructureDefinition.snapshot.element.path. */
export const REQUIRED_CODES: Readonly<Record<string, string>> = {
  'Encounter.status': `${ENCOUNTER} unknown`,
  'Encounter.statusHistory.status': `${ENCOUNTER} unknown`,
  'Encounter.location.status': 'planned active reserved completed',
  'Observation.status': `${OBSERVATION} unknown`,
  'MedicationRequest.status': REQUEST,
  'MedicationRequest.intent': REQUEST_INTENT,
  'MedicationRequest.priority': 'routine urgent asap stat',
  'MedicationDispense.status': DISPENSE,
  'MedicationAdministration.status': EVENT,
  'Procedure.status': `preparation ${EVENT}`,
  'Immunization.status': 'completed entered-in-error not-done',
  'AllergyIntolerance.type': 'allergy intolerance',
  'AllergyIntolerance.category': 'food medication environment biologic',
  'AllergyIntolerance.criticality': 'low high unable-to-assess',
  'AllergyIntolerance.reaction.severity': 'mild moderate severe',
  'DiagnosticReport.status': REPORT,
  'Patient.gender': 'male female other unknown',
  'Patient.contact.gender': 'male female other unknown',
  'Patient.link.type': 'replaced-by replaces refer seealso',
  'Medication.status': 'active inactive entered-in-error',
  'Quantity.comparator': '< <= >= >',
  'Age.comparator': '< <= >= >',
  'Duration.comparator': '< <= >= >',
  'Count.comparator': '< <= >= >',
  'Distance.comparator': '< <= >= >',
  'Timing.repeat.durationUnit': 's min h d wk mo a',
  'Timing.repeat.periodUnit': 's min h d wk mo a',
  'Timing.repeat.dayOfWeek': 'mon tue wed thu fri sat sun',
  'Timing.repeat.when': EVENT_TIMING,
  'Identifier.use': 'usual official temp secondary old',
  'ContactPoint.system': 'phone fax email pager url sms other',
  'ContactPoint.use': 'home work temp old mobile',
  'HumanName.use': 'usual official temp nickname anonymous old maiden',
  'Address.use': 'home work temp old billing',
  'Address.type': 'postal physical both',
  'Narrative.status': 'generated extensions additional empty',
};

/** Required bindings of CodeableConcepts: one code must be of this system. */
export const REQUIRED_CONCEPTS = {
  'Condition.clinicalStatus': {
    system: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
    codes: 'active recurrence relapse inactive remission resolved',
  },
  'Condition.verificationStatus': {
    system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
    codes: 'unconfirmed provisional differential confirmed refuted entered-in-error',
  },
  'AllergyIntolerance.clinicalStatus': {
    system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
    codes: 'active inactive resolved',
  },
  'AllergyIntolerance.verificationStatus': {
    system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
    codes: 'unconfirmed confirmed refuted entered-in-error',
  },
} as const;
