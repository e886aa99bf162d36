import type {
  DosageDoseAndRate,
  Dosage as FhirDosage,
  Timing,
  TimingRepeat,
} from '@medplum/fhirtypes';
import { decimalIn } from '../../core/import/exact-json.js';
import type { Period } from '../../core/time.js';
import { toListed } from '../deidentify/concept.js';
import { parseHappened } from '../fhir/period.js';
import { parseQuantity, parseRange, parseRatio } from '../fhir/quantity.js';
import {
  DAYS_OF_WEEK,
  type Dosage,
  type DosageTiming,
  type DoseAndRate,
  EVENT_TIMINGS,
  TIME_UNITS,
} from '../model/dosage.js';
import { parseConcepts, parseOptional } from './record.js';

/** Reads a Dosage without its free text: `text` and `patientInstruction` are left out. */
export function parseDosage(dosage: FhirDosage): Dosage {
  const { asNeededBoolean, asNeededCodeableConcept } = dosage;
  return {
    sequence: dosage.sequence ?? null,
    additionalInstruction: parseConcepts(dosage.additionalInstruction),
    asNeeded: asNeededCodeableConcept === undefined ? (asNeededBoolean ?? null) : true,
    asNeededFor: parseOptional(asNeededCodeableConcept),
    site: parseOptional(dosage.site),
    route: parseOptional(dosage.route),
    method: parseOptional(dosage.method),
    timing: dosage.timing === undefined ? null : parseTiming(dosage.timing),
    doseAndRate: (dosage.doseAndRate ?? []).map(parseDoseAndRate),
    maxDosePerPeriod: parseRatio(dosage.maxDosePerPeriod),
    maxDosePerAdministration: parseQuantity(dosage.maxDosePerAdministration),
    maxDosePerLifetime: parseQuantity(dosage.maxDosePerLifetime),
  };
}

/** The periods in dosages, which a window must cover like every other date. */
export function periodsOf(dosages: readonly Dosage[]): readonly Period[] {
  return dosages.flatMap(({ timing }) => timing?.boundsPeriod ?? []);
}

export function parseDoseAndRate(given: DosageDoseAndRate): DoseAndRate {
  return {
    type: parseOptional(given.type),
    doseQuantity: parseQuantity(given.doseQuantity),
    doseRange: parseRange(given.doseRange),
    rateRatio: parseRatio(given.rateRatio),
    rateRange: parseRange(given.rateRange),
    rateQuantity: parseQuantity(given.rateQuantity),
  };
}

/** The single times in `event` are left out: the record's date is another one. */
function parseTiming({ repeat = {}, code }: Timing): DosageTiming {
  const decimal = (name: 'duration' | 'durationMax' | 'period' | 'periodMax') =>
    decimalIn(repeat, name) ?? null;
  return {
    ...parseBounds(repeat),
    count: repeat.count ?? null,
    countMax: repeat.countMax ?? null,
    duration: decimal('duration'),
    durationMax: decimal('durationMax'),
    durationUnit: toListed(repeat.durationUnit, TIME_UNITS),
    frequency: repeat.frequency ?? null,
    frequencyMax: repeat.frequencyMax ?? null,
    period: decimal('period'),
    periodMax: decimal('periodMax'),
    periodUnit: toListed(repeat.periodUnit, TIME_UNITS),
    dayOfWeek: (repeat.dayOfWeek ?? []).flatMap((one) => toListed(one, DAYS_OF_WEEK) ?? []),
    timeOfDay: repeat.timeOfDay ?? [],
    // FHIR's MORN.early is MORN_EARLY here.
    when: (repeat.when ?? []).flatMap(
      (one) => toListed(one.replaceAll('.', '_'), EVENT_TIMINGS) ?? [],
    ),
    offset: repeat.offset ?? null,
    code: parseOptional(code),
  };
}

function parseBounds({ boundsDuration, boundsRange, boundsPeriod }: TimingRepeat) {
  return {
    boundsDuration: parseQuantity(boundsDuration),
    boundsRange: parseRange(boundsRange),
    boundsPeriod: boundsPeriod === undefined ? null : parseHappened(undefined, boundsPeriod).period,
  };
}
