import type { AllergyIntolerance, AllergyIntoleranceReaction } from '@medplum/fhirtypes';
import { describedValues } from '../../graph/words.js';
import { parseConcept, toListed } from '../deidentify/concept.js';
import { civilDateOf, spanOf } from '../fhir/date.js';
import { statusIn } from '../fhir/modifiers.js';
import { partialOf } from '../fhir/partial.js';
import {
  DATE_NULL,
  EMPTY_UNCODED,
  NO_CODING,
  NULL_UNCODED,
  NULL_UNSAID,
} from '../model/elements.js';
import type { CodeableConcept, Dated, Released } from '../model/model.js';
import {
  civilDate,
  concept,
  elementOf,
  list,
  listed,
  maybe,
  partial,
  type WireOf,
} from '../model/wire-element.js';
import type { Kind } from './kind.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './record.js';
import type { RecordTypes } from './type-record.js';

const ALLERGY_CLINICAL_STATUSES = ['ACTIVE', 'INACTIVE', 'RESOLVED'] as const;
const ALLERGY_VERIFICATION_STATUSES = ['UNCONFIRMED', 'CONFIRMED', 'REFUTED'] as const;
const ALLERGY_TYPES = ['ALLERGY', 'INTOLERANCE'] as const;
const ALLERGY_CATEGORIES = ['FOOD', 'MEDICATION', 'ENVIRONMENT', 'BIOLOGIC'] as const;
const CRITICALITIES = ['LOW', 'HIGH', 'UNABLE_TO_ASSESS'] as const;
const REACTION_SEVERITIES = ['MILD', 'MODERATE', 'SEVERE'] as const;

export interface AllergyReaction {
  readonly substance: CodeableConcept | null;
  readonly manifestation: readonly CodeableConcept[];
  readonly severity: (typeof REACTION_SEVERITIES)[number] | null;
  readonly exposureRoute: CodeableConcept | null;
}

/** What an AllergyIntolerance says. */
export interface AllergyContent extends Dated {
  readonly clinicalStatus: (typeof ALLERGY_CLINICAL_STATUSES)[number] | null;
  readonly verificationStatus: (typeof ALLERGY_VERIFICATION_STATUSES)[number] | null;
  readonly type: (typeof ALLERGY_TYPES)[number] | null;
  readonly category: readonly (typeof ALLERGY_CATEGORIES)[number][];
  readonly criticality: (typeof CRITICALITIES)[number] | null;
  readonly code: CodeableConcept;
  /** Civil dates. */
  readonly onset: string | null;
  readonly lastOccurrence: string | null;
  readonly reaction: readonly AllergyReaction[];
}

const ALLERGY_WIRE: WireOf<AllergyContent> = {
  recorded: maybe(civilDate),
  partial,
  clinicalStatus: maybe(listed(ALLERGY_CLINICAL_STATUSES)),
  verificationStatus: maybe(listed(ALLERGY_VERIFICATION_STATUSES)),
  type: maybe(listed(ALLERGY_TYPES)),
  category: list(listed(ALLERGY_CATEGORIES)),
  criticality: maybe(listed(CRITICALITIES)),
  code: concept,
  onset: maybe(civilDate),
  lastOccurrence: maybe(civilDate),
  reaction: list(
    elementOf<AllergyReaction>({
      substance: maybe(concept),
      manifestation: list(concept),
      severity: maybe(listed(REACTION_SEVERITIES)),
      exposureRoute: maybe(concept),
    }),
  ),
};

/** Reads an AllergyIntolerance that modifiers.ts has found not to be entered in error. */
function parseAllergy(resource: AllergyIntolerance): ParsedRecord<AllergyContent> | undefined {
  const { recordedDate, lastOccurrence } = resource;
  const onset = resource.onsetDateTime;
  const recorded = recordedDate ?? onset ?? lastOccurrence;
  const content: AllergyContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('AllergyIntolerance', resource),
    clinicalStatus: toListed(
      statusIn(resource.clinicalStatus, 'AllergyIntolerance.clinicalStatus'),
      ALLERGY_CLINICAL_STATUSES,
    ),
    verificationStatus: toListed(
      statusIn(resource.verificationStatus, 'AllergyIntolerance.verificationStatus'),
      ALLERGY_VERIFICATION_STATUSES,
    ),
    type: toListed(resource.type, ALLERGY_TYPES),
    category: (resource.category ?? []).flatMap((one) => toListed(one, ALLERGY_CATEGORIES) ?? []),
    criticality: toListed(resource.criticality, CRITICALITIES),
    code: parseConcept(resource.code),
    onset: civilDateOf(onset),
    lastOccurrence: civilDateOf(lastOccurrence),
    reaction: (resource.reaction ?? []).map(parseReaction),
  };
  const substances = content.reaction.flatMap(({ substance }) => substance ?? []);
  return {
    content,
    span: spanOf(recordedDate, onset, lastOccurrence),
    codes: codingsOf(content.code, ...substances),
    categories: resource.category ?? [],
  };
}

function parseReaction(reaction: AllergyIntoleranceReaction): AllergyReaction {
  return {
    substance: parseOptional(reaction.substance),
    manifestation: parseConcepts(reaction.manifestation),
    severity: toListed(reaction.severity, REACTION_SEVERITIES),
    exposureRoute: parseOptional(reaction.exposureRoute),
  };
}

/** Adds AllergyIntolerance: what the participant does not tolerate, as in FHIR R4. */
function addAllergyType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef } = types;
  const enums = addAllergyEnums(types);
  const ReactionRef = addReaction(types);
  return builder.objectRef<Released & AllergyContent>('AllergyIntolerance').implement({
    description: 'What the participant does not tolerate, as FHIR R4 AllergyIntolerance.',
    interfaces: [RecordRef],
    fields: (t) => ({
      clinicalStatus: t.expose('clinicalStatus', {
        type: enums.ClinicalEnum,
        nullable: true,
        description: `Whether it is present now. ${NULL_UNSAID}`,
      }),
      verificationStatus: t.expose('verificationStatus', {
        type: enums.VerificationEnum,
        nullable: true,
        description: `How certain it is. ${NULL_UNSAID}`,
      }),
      type: t.expose('type', {
        type: enums.TypeEnum,
        nullable: true,
        description: `The mechanism behind it. ${NULL_UNSAID}`,
      }),
      category: t.expose('category', {
        type: [enums.CategoryEnum],
        description: 'The kinds of substance. Empty if the source does not say.',
      }),
      criticality: t.expose('criticality', {
        type: enums.CriticalityEnum,
        nullable: true,
        description: `How harmful a future reaction could be. ${NULL_UNSAID}`,
      }),
      code: t.expose('code', {
        type: CodeableConceptRef,
        description: `The substance, or the allergy to it. ${NO_CODING}`,
      }),
      onset: t.expose('onset', {
        type: 'Date',
        nullable: true,
        description: `When it was first noticed. ${DATE_NULL}`,
      }),
      lastOccurrence: t.expose('lastOccurrence', {
        type: 'Date',
        nullable: true,
        description: `When the last known reaction was. ${DATE_NULL}`,
      }),
      reaction: t.expose('reaction', {
        type: [ReactionRef],
        description: `Reactions on record. ${EMPTY_UNCODED}`,
      }),
    }),
  });
}

type ValueOf<Names extends readonly string[]> = Names[number];

function addAllergyEnums<Opened>({ builder }: RecordTypes<Opened>) {
  const ClinicalEnum = builder.enumType('AllergyClinicalStatus', {
    description: 'Whether an allergy or intolerance is present now.',
    values: describedValues<ValueOf<typeof ALLERGY_CLINICAL_STATUSES>>({
      ACTIVE: 'A reaction is expected on exposure.',
      INACTIVE: 'A reaction is no longer expected.',
      RESOLVED: 'A test, or an exposure without a reaction, has shown that it is over.',
    }),
  });
  const VerificationEnum = builder.enumType('AllergyVerificationStatus', {
    description: 'How certain an allergy or intolerance is.',
    values: describedValues<ValueOf<typeof ALLERGY_VERIFICATION_STATUSES>>({
      UNCONFIRMED: 'It is suspected, without enough evidence to confirm it.',
      CONFIRMED: 'There is enough evidence to regard it as certain.',
      REFUTED: 'It was ruled out.',
    }),
  });
  const TypeEnum = builder.enumType('AllergyType', {
    description: 'The mechanism behind a reaction.',
    values: describedValues<ValueOf<typeof ALLERGY_TYPES>>({
      ALLERGY: 'A reaction of the immune system.',
      INTOLERANCE: 'A reaction that is not known to be caused by the immune system.',
    }),
  });
  const CategoryEnum = builder.enumType('AllergyCategory', {
    description: 'The kind of substance.',
    values: describedValues<ValueOf<typeof ALLERGY_CATEGORIES>>({
      FOOD: 'Something eaten or drunk.',
      MEDICATION: 'A medicine.',
      ENVIRONMENT: 'Something in the surroundings, for example pollen or latex.',
      BIOLOGIC: 'A preparation of living cells, for example a vaccine.',
    }),
  });
  const CriticalityEnum = builder.enumType('AllergyCriticality', {
    description: 'How harmful a future reaction could be at worst.',
    values: describedValues<ValueOf<typeof CRITICALITIES>>({
      LOW: 'It is not expected to threaten life.',
      HIGH: 'It could threaten life or an organ.',
      UNABLE_TO_ASSESS: 'It cannot be assessed from what is known.',
    }),
  });
  return { ClinicalEnum, VerificationEnum, TypeEnum, CategoryEnum, CriticalityEnum };
}

function addReaction<Opened>({ builder, CodeableConceptRef }: RecordTypes<Opened>) {
  const SeverityEnum = builder.enumType('ReactionSeverity', {
    description: 'How severe one reaction was as a whole.',
    values: describedValues<ValueOf<typeof REACTION_SEVERITIES>>({
      MILD: 'Mild discomfort.',
      MODERATE: 'Moderate discomfort.',
      SEVERE: 'Severe discomfort or danger.',
    }),
  });
  return builder.objectRef<AllergyReaction>('AllergyReaction').implement({
    description: 'How the participant reacted to a substance.',
    fields: (t) => ({
      substance: t.expose('substance', {
        type: CodeableConceptRef,
        nullable: true,
        description:
          "What the reaction was to, if given separately from the allergy's code. " +
          `${NULL_UNCODED}`,
      }),
      manifestation: t.expose('manifestation', {
        type: [CodeableConceptRef],
        description: `Symptoms and signs. ${EMPTY_UNCODED}`,
      }),
      severity: t.expose('severity', {
        type: SeverityEnum,
        nullable: true,
        description: `How severe it was. ${NULL_UNSAID}`,
      }),
      exposureRoute: t.expose('exposureRoute', {
        type: CodeableConceptRef,
        nullable: true,
        description: `How the substance came into the body. ${NULL_UNCODED}`,
      }),
    }),
  });
}

/** FHIR R4 AllergyIntolerance: how it is parsed, released, sent between nodes and shown in GraphQL. */
export const ALLERGY_INTOLERANCE: Kind<AllergyIntolerance, AllergyContent> = {
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
};
