import type {
  Observation as FhirObservation,
  ObservationComponent as FhirObservationComponent,
  ObservationReferenceRange,
} from '@medplum/fhirtypes';
import { partialOf } from './fhir/partial.js';
import { parseRange } from './fhir/quantity.js';
import { parseConcept, toListed } from './fhir-concept.js';
import { civilDateOf } from './fhir-date.js';
import { parseObservationValue } from './fhir-observation-value.js';
import { hull, parseHappened } from './fhir-period.js';
import {
  codesOf,
  codingsOf,
  type ParsedRecord,
  parseConcepts,
  parseOptional,
} from './fhir-record.js';
import {
  OBSERVATION_STATUSES,
  type ObservationComponent,
  type ObservationContent,
  type ReferenceRange,
} from './kind-observation.js';
import { valuesOf } from './observation-values.js';

/** Reads an Observation; undefined if it was entered in error. */
export function parseObservation(
  resource: FhirObservation,
): ParsedRecord<ObservationContent> | undefined {
  const status = toListed(resource.status, OBSERVATION_STATUSES);
  if (status === null) return undefined;
  const { effectiveDateTime, effectiveInstant, effectivePeriod, issued } = resource;
  const instant = effectiveDateTime ?? effectiveInstant;
  const { period, span, recorded } = parseHappened(instant, effectivePeriod, issued);
  const content: ObservationContent = {
    recorded: civilDateOf(recorded),
    partial: partialOf('Observation', resource),
    status,
    category: parseConcepts(resource.category),
    effective: period,
    bodySite: parseOptional(resource.bodySite),
    method: parseOptional(resource.method),
    ...parseFinding(resource),
    component: (resource.component ?? []).map(parseFinding),
  };
  const told = [content, ...content.component].flatMap(({ value }) =>
    value !== null && 'from' in value ? [value] : [],
  );
  return {
    content,
    span: hull(span, ...told),
    // A component is found by its own code too: systolic pressure inside the blood pressure panel.
    codes: codingsOf(content.code, ...content.component.map(({ code }) => code)),
    categories: codesOf(...content.category),
    values: valuesOf(content),
  };
}

function parseFinding(of: FhirObservation | FhirObservationComponent): ObservationComponent {
  return {
    code: parseConcept(of.code),
    value: parseObservationValue(of),
    dataAbsentReason: parseOptional(of.dataAbsentReason),
    interpretation: parseConcepts(of.interpretation),
    referenceRange: (of.referenceRange ?? []).flatMap(parseReferenceRange),
  };
}

/** One that is described in words alone tells nothing here. */
function parseReferenceRange(range: ObservationReferenceRange): readonly ReferenceRange[] {
  const ends = parseRange(range);
  if (ends === null) return [];
  const { type, appliesTo } = range;
  return [{ ...ends, type: parseOptional(type), appliesTo: parseConcepts(appliesTo) }];
}
