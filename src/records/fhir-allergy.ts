import type { AllergyIntolerance, AllergyIntoleranceReaction } from '@medplum/fhirtypes';
import { codeIn, parseConcept, toListed } from './fhir-concept.js';
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

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

/** Reads an AllergyIntolerance; undefined if it was entered in error. */
export function parseAllergy(
  resource: AllergyIntolerance,
): ParsedRecord<AllergyContent> | undefined {
  const verification = codeIn(resource.verificationStatus, VERIFICATION);
  if (verification === 'entered-in-error') return undefined;
  const { recordedDate, lastOccurrence } = resource;
  const onset = resource.onsetDateTime ?? resource.onsetPeriod?.start;
  const recorded = recordedDate ?? onset ?? lastOccurrence;
  const content: AllergyContent = {
    recorded: civilDateOf(recorded),
    clinicalStatus: toListed(codeIn(resource.clinicalStatus, CLINICAL), ALLERGY_CLINICAL_STATUSES),
    verificationStatus: toListed(verification, ALLERGY_VERIFICATION_STATUSES),
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
