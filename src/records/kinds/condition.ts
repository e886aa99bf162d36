import type { Condition as FhirCondition } from '@medplum/fhirtypes';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { statusIn } from '../fhir/modifiers.js';
import { partialOf } from '../fhir/partial.js';
import { DATE_NULL, EMPTY_UNCODED, NO_CODING, NULL_UNSAID } from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  list,
  listed,
  maybe,
  partial,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codesOf, codingsOf, type ParsedRecord, parseConcepts } from './record.js';
import type { RecordTypes } from './type-record.js';

const CLINICAL_STATUSES = [
  'ACTIVE',
  'RECURRENCE',
  'RELAPSE',
  'INACTIVE',
  'REMISSION',
  'RESOLVED',
] as const;
const VERIFICATION_STATUSES = [
  'UNCONFIRMED',
  'PROVISIONAL',
  'DIFFERENTIAL',
  'CONFIRMED',
  'REFUTED',
] as const;

/** What a Condition says, before it has an outward id. */
export interface ConditionContent extends Dated {
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly clinicalStatus: (typeof CLINICAL_STATUSES)[number] | null;
  readonly verificationStatus: (typeof VERIFICATION_STATUSES)[number] | null;
  /** Civil dates. */
  readonly onset: string | null;
  readonly abatement: string | null;
}

const CONDITION_WIRE: WireOf<ConditionContent> = {
  recorded: maybe(civilDate),
  partial,
  category: list(concept),
  code: concept,
  clinicalStatus: maybe(listed(CLINICAL_STATUSES)),
  verificationStatus: maybe(listed(VERIFICATION_STATUSES)),
  onset: maybe(civilDate),
  abatement: maybe(civilDate),
};

/** Reads a Condition that modifiers.ts has found not to be entered in error. */
function parseCondition(resource: FhirCondition): ParsedRecord<ConditionContent> | undefined {
  const { onsetDateTime: onset, abatementDateTime: abatement } = resource;
  const recorded = resource.recordedDate ?? onset;
  const content: ConditionContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Condition', resource),
    category: parseConcepts(resource.category),
    code: parseConcept(resource.code),
    clinicalStatus: toListed(
      statusIn(resource.clinicalStatus, 'Condition.clinicalStatus'),
      CLINICAL_STATUSES,
    ),
    verificationStatus: toListed(
      statusIn(resource.verificationStatus, 'Condition.verificationStatus'),
      VERIFICATION_STATUSES,
    ),
    onset: civilDateOf(onset),
    abatement: civilDateOf(abatement),
  };
  return {
    content,
    span: spanOf(onset, abatement, recorded),
    codes: codingsOf(content.code),
    categories: codesOf(...content.category),
  };
}

/** Adds Condition: a diagnosis or problem, as FHIR R4 Condition. */
function addConditionType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef } = types;
  const { ClinicalEnum, VerificationEnum } = addConditionEnums(types);
  return builder.objectRef<Released & ConditionContent>('Condition').implement({
    description: 'A diagnosis or problem, as FHIR R4 Condition.',
    interfaces: [RecordRef],
    fields: (t) => ({
      category: t.expose('category', {
        type: [CodeableConceptRef],
        description: `For example a problem list's item or a visit's diagnosis. ${EMPTY_UNCODED}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `The diagnosis or problem. ${NO_CODING}`,
      }),
      clinicalStatus: t.expose('clinicalStatus', {
        type: ClinicalEnum,
        nullable: true,
        description: `Whether it is present now. ${NULL_UNSAID}`,
      }),
      verificationStatus: t.expose('verificationStatus', {
        type: VerificationEnum,
        nullable: true,
        description: `How certain it is. ${NULL_UNSAID}`,
      }),
      onset: t.expose('onset', {
        type: 'Date',
        nullable: true,
        description: `When it began. ${DATE_NULL}`,
      }),
      abatement: t.expose('abatement', {
        type: 'Date',
        nullable: true,
        description: `When it ended. ${DATE_NULL}`,
      }),
    }),
  });
}

function addConditionEnums<Opened>({ builder }: RecordTypes<Opened>) {
  const ClinicalEnum = builder.enumType('ConditionClinicalStatus', {
    description: 'Whether a condition is present now.',
    values: describedValues<(typeof CLINICAL_STATUSES)[number]>({
      ACTIVE: 'It is present.',
      RECURRENCE: 'It is present again after it was resolved.',
      RELAPSE: 'It is present again after an improvement.',
      INACTIVE: 'It is no longer present.',
      REMISSION: 'Its symptoms are gone or milder, and may come back.',
      RESOLVED: 'It is over and not expected to come back.',
    }),
  });
  const VerificationEnum = builder.enumType('ConditionVerificationStatus', {
    description: 'How certain a condition is.',
    values: describedValues<(typeof VERIFICATION_STATUSES)[number]>({
      UNCONFIRMED: 'There is not enough evidence to confirm it.',
      PROVISIONAL: 'A working diagnosis, still to be confirmed.',
      DIFFERENTIAL: 'One of several possible diagnoses.',
      CONFIRMED: 'There is enough evidence to regard it as certain.',
      REFUTED: 'It was ruled out.',
    }),
  });
  return { ClinicalEnum, VerificationEnum };
}

/** FHIR R4 Condition: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const CONDITION: Kind<FhirCondition, ConditionContent> = {
  dataClass: 'CONDITION',
  name: 'Condition',
  field: 'conditions',
  words: 'Diagnoses and problems',
  filter: { codes: 'code', categories: 'category', value: false, range: 'recorded' },
  wire: CONDITION_WIRE,
  parse: parseCondition,
  addType: addConditionType,
};
