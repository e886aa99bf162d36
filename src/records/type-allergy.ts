import {
  ALLERGY_CATEGORIES,
  ALLERGY_CLINICAL_STATUSES,
  ALLERGY_TYPES,
  ALLERGY_VERIFICATION_STATUSES,
  type AllergyContent,
  type AllergyReaction,
  CRITICALITIES,
  REACTION_SEVERITIES,
} from './kind-allergy.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds AllergyIntolerance: what the participant does not tolerate, as in FHIR R4. */
export function addAllergyType<Opened>(types: RecordTypes<Opened>) {
  const { builder, RecordRef, CodeableConceptRef } = types;
  const enumOf = <Value extends string>(name: string, values: readonly Value[]) =>
    builder.enumType(name, { values });
  const ClinicalEnum = enumOf('AllergyClinicalStatus', ALLERGY_CLINICAL_STATUSES);
  const VerificationEnum = enumOf('AllergyVerificationStatus', ALLERGY_VERIFICATION_STATUSES);
  const TypeEnum = enumOf('AllergyType', ALLERGY_TYPES);
  const CategoryEnum = enumOf('AllergyCategory', ALLERGY_CATEGORIES);
  const CriticalityEnum = enumOf('AllergyCriticality', CRITICALITIES);
  const ReactionRef = addReaction(types);
  return builder.objectRef<Released & AllergyContent>('AllergyIntolerance').implement({
    description: 'What the participant does not tolerate, as FHIR R4 AllergyIntolerance.',
    interfaces: [RecordRef],
    fields: (t) => ({
      clinicalStatus: t.expose('clinicalStatus', { type: ClinicalEnum, nullable: true }),
      verificationStatus: t.expose('verificationStatus', {
        type: VerificationEnum,
        nullable: true,
      }),
      type: t.expose('type', { type: TypeEnum, nullable: true }),
      category: t.expose('category', { type: [CategoryEnum] }),
      criticality: t.expose('criticality', { type: CriticalityEnum, nullable: true }),
      code: t.expose('code', { type: CodeableConceptRef }),
      onset: t.expose('onset', { type: 'Date', nullable: true }),
      lastOccurrence: t.expose('lastOccurrence', { type: 'Date', nullable: true }),
      reaction: t.expose('reaction', { type: [ReactionRef] }),
    }),
  });
}

function addReaction<Opened>({ builder, CodeableConceptRef }: RecordTypes<Opened>) {
  const SeverityEnum = builder.enumType('ReactionSeverity', { values: REACTION_SEVERITIES });
  return builder.objectRef<AllergyReaction>('AllergyReaction').implement({
    description: 'How the participant reacted to a substance.',
    fields: (t) => ({
      substance: t.expose('substance', { type: CodeableConceptRef, nullable: true }),
      manifestation: t.expose('manifestation', { type: [CodeableConceptRef] }),
      severity: t.expose('severity', { type: SeverityEnum, nullable: true }),
      exposureRoute: t.expose('exposureRoute', { type: CodeableConceptRef, nullable: true }),
    }),
  });
}
