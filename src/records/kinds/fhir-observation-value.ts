import type { SampledData as FhirSampledData, ObservationComponent } from '@medplum/fhirtypes';
import { decimalIn } from '../../core/import/exact-json.js';
import { parseConcept } from '../deidentify/concept.js';
import { parseHappened } from '../fhir/period.js';
import { parseQuantity, parseRange, parseRatio } from '../fhir/quantity.js';
import type { ObservationValue, SampledData } from './observation-content.js';

type Valued = Required<
  Pick<ObservationComponent, Extract<keyof ObservationComponent, `value${string}`>>
>;
type ValueName = keyof Valued;
type Parsers = {
  readonly [Name in ValueName]: (value: Valued[Name]) => ObservationValue | null;
};

/** How each form of value[x] is parsed. valueString is free text and never released. */
const PARSERS: Parsers = {
  valueQuantity: parseQuantity,
  valueCodeableConcept: (concept) => {
    const told = parseConcept(concept);
    return told.coding.length === 0 ? null : told;
  },
  // A count is a quantity whose unit is 1 in UCUM.
  valueInteger: (value) => ({ value: String(value), comparator: null, unit: null, code: '1' }),
  valueBoolean: (value) => ({ text: String(value) }),
  valueTime: (text) => ({ text }),
  valueDateTime: (instant) => parseHappened(instant).period,
  valuePeriod: (period) => parseHappened(undefined, period).period,
  valueRange: parseRange,
  valueRatio: parseRatio,
  valueSampledData: parseSampledData,
  valueString: () => null,
};

const VALUE_NAMES = Object.keys(PARSERS) as readonly ValueName[];

/** The coded or measured value of an observation or a component; null if there is none. */
export function parseObservationValue(of: Partial<Valued>): ObservationValue | null {
  const name = VALUE_NAMES.find((one) => of[one] !== undefined);
  return name === undefined ? null : parseAs(name, of[name] as Valued[typeof name]);
}

function parseAs<Name extends ValueName>(name: Name, value: Valued[Name]) {
  const parse: Parsers[Name] = PARSERS[name];
  return parse(value);
}

function parseSampledData(sampled: FhirSampledData): SampledData | null {
  const origin = parseQuantity(sampled.origin);
  if (origin === null) return null;
  return {
    origin,
    period: decimalIn(sampled, 'period') ?? String(sampled.period),
    factor: decimalIn(sampled, 'factor') ?? null,
    lowerLimit: decimalIn(sampled, 'lowerLimit') ?? null,
    upperLimit: decimalIn(sampled, 'upperLimit') ?? null,
    dimensions: sampled.dimensions,
  };
}
