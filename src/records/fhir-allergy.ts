import type { AllergyIntolerance, AllergyIntoleranceReaction } from '@medplum/fhirtypes';
import { statusIn } from './fhir/modifiers.js';
import { partialOf } from './fhir/partial.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf, spanOf } from './fhir-date.js';
import { codingsOf, type ParsedRecord, parseConcepts, parseOptional } from './fhir-record.js';
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

/** Reads an AllergyIntolerance of which modifiers.ts knows that it was not entered in error. */
export function parseAllergy(
  resource: AllergyIntolerance,
): ParsedRecord<AllergyContent> | undefined {
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
