import type { Observation as FhirObservation, ObservationComponent } from '@medplum/fhirtypes';
import type { Period } from '../core/time.js';
import { parseConcept, parseQuantity, toListed } from './fhir-concept.js';
import { ANY_TIME, civilDateOf, parseFhirDate, spanOf } from './fhir-date.js';
import type { ParsedRecord } from './fhir-record.js';
import {
  OBSERVATION_STATUSES,
  type ObservationContent,
  type ObservationValue,
} from './kind-observation.js';

/** Reads an Observation; undefined if it was entered in error. */
export function parseObservation(
  resource: FhirObservation,
): ParsedRecord<ObservationContent> | undefined {
  const status = toListed(resource.status, OBSERVATION_STATUSES);
  if (status === null) return undefined;
  const { effective, span, recorded } = timesOf(resource);
  const content: ObservationContent = {
    recorded: civilDateOf(recorded),
    status,
    category: (resource.category ?? []).map((category) => parseConcept(category)),
    code: parseConcept(resource.code),
    effective,
    value: parseValue(resource),
    component: (resource.component ?? []).map((component) => ({
      code: parseConcept(component.code),
      value: parseValue(component),
    })),
  };
  return {
    content,
    span,
    // A component is found by its own code too: systolic pressure inside the blood pressure panel.
    codes: [content.code, ...content.component.map(({ code }) => code)].flatMap((c) => c.coding),
    categories: content.category.flatMap(({ coding }) => coding.map(({ code }) => code)),
  };
}

interface Times {
  readonly effective: Period | null;
  readonly span: Period;
  readonly recorded: string | undefined;
}

function timesOf(resource: FhirObservation): Times {
  const instant = resource.effectiveDateTime ?? resource.effectiveInstant;
  if (instant !== undefined) {
    const effective = parseFhirDate(instant);
    return { effective, span: effective, recorded: instant };
  }
  const { start, end } = resource.effectivePeriod ?? {};
  if (start !== undefined && end !== undefined) {
    const effective = spanOf(start, end);
    return { effective, span: effective, recorded: start };
  }
  // Without an end it may still go on, and without a start it may have begun at any time.
  const recorded = start ?? end ?? resource.issued;
  const known = recorded === resource.issued ? spanOf(recorded) : ANY_TIME;
  return { effective: null, span: known, recorded };
}

type Valued = Pick<
  ObservationComponent,
  | 'valueQuantity'
  | 'valueCodeableConcept'
  | 'valueBoolean'
  | 'valueInteger'
  | 'valueTime'
  | 'valueDateTime'
  | 'valueRatio'
>;

/** The value, if it is coded, measured or counted. valueString is free text and stays here. */
function parseValue(of: Valued): ObservationValue | null {
  if (of.valueQuantity) return parseQuantity(of.valueQuantity);
  if (of.valueCodeableConcept) return parseConcept(of.valueCodeableConcept);
  if (of.valueInteger !== undefined) {
    return { value: String(of.valueInteger), unit: null, code: null };
  }
  if (of.valueBoolean !== undefined) return { text: String(of.valueBoolean) };
  if (of.valueTime !== undefined) return { text: of.valueTime };
  const ratio = of.valueRatio;
  if (ratio?.numerator?.value !== undefined && ratio.denominator?.value !== undefined) {
    return { text: `${ratio.numerator.value}:${ratio.denominator.value}` };
  }
  return null;
}
