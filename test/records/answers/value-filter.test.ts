import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { domainErrorOf } from '../../../src/federation/mask-error.js';
import {
  ANA,
  type Clinic,
  coded,
  type Entity,
  observation,
  openClinic,
  participantKeys,
  patient,
  permit,
} from '../../support/records/clinic.js';

const SEED = 20_261_126;
const FOUND = `query ($representations: [_Any!]!, $where: ObservationFilter) {
  _entities(representations: $representations) { ... on Participant {
    observations(where: $where, first: 1000) { nodes { effective { from } } } } } }`;

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const CODES = ['8480-6', '8462-4', '4548-4'] as const;
const UNITS = ['mm[Hg]', '%', '1'] as const;
const ANSWERS = ['8517006', '266919005'] as const;

/** One value of an observation, before FHIR and this room had it. */
type Made =
  | { readonly form: 'exact'; readonly at: number; readonly unit: string }
  | {
      readonly form: 'side';
      readonly at: number;
      readonly unit: string;
      readonly sign: '<' | '<=' | '>=' | '>';
    }
  | { readonly form: 'range'; readonly low: number; readonly width: number; readonly unit: string }
  | { readonly form: 'local'; readonly at: number }
  | { readonly form: 'count'; readonly at: number }
  | { readonly form: 'answer'; readonly answer: string };
interface MadeFinding {
  readonly code: string;
  readonly made: Made | null;
}

const at = fc.integer({ min: -6, max: 6 });
const unit = fc.constantFrom(...UNITS);
const made: fc.Arbitrary<Made> = fc.oneof(
  fc.record({ form: fc.constant('exact' as const), at, unit }),
  fc.record({
    form: fc.constant('side' as const),
    at,
    unit,
    sign: fc.constantFrom('<' as const, '<=' as const, '>=' as const, '>' as const),
  }),
  fc.record({
    form: fc.constant('range' as const),
    low: at,
    width: fc.integer({ min: 0, max: 4 }),
    unit,
  }),
  fc.record({ form: fc.constant('local' as const), at }),
  fc.record({ form: fc.constant('count' as const), at }),
  fc.record({ form: fc.constant('answer' as const), answer: fc.constantFrom(...ANSWERS) }),
);
const finding: fc.Arbitrary<MadeFinding> = fc.record({
  code: fc.constantFrom(...CODES),
  made: fc.option(made),
});
const MADE = fc.sample(fc.array(finding, { minLength: 1, maxLength: 3 }), {
  seed: SEED,
  numRuns: 80,
});

const amount = (value: number, code: string) => ({ value, unit: code, system: UCUM, code });

function toFhir({ code, made }: MadeFinding): object {
  const of = { code: coded(LOINC, code) };
  switch (made?.form) {
    case 'exact':
      return { ...of, valueQuantity: amount(made.at, made.unit) };
    case 'side':
      return { ...of, valueQuantity: { ...amount(made.at, made.unit), comparator: made.sign } };
    case 'range':
      return {
        ...of,
        valueRange: {
          low: amount(made.low, made.unit),
          high: amount(made.low + made.width, made.unit),
        },
      };
    case 'local':
      return { ...of, valueQuantity: { value: made.at, unit: 'mmHg' } };
    case 'count':
      return { ...of, valueInteger: made.at };
    case 'answer':
      return { ...of, valueCodeableConcept: coded('http://snomed.info/sct', made.answer) };
    default:
      return of;
  }
}

interface Asked {
  readonly codes: readonly string[] | null;
  readonly coded: readonly string[] | null;
  readonly ucum: string;
  readonly atLeast: number | null;
  readonly moreThan: number | null;
  readonly atMost: number | null;
  readonly lessThan: number | null;
}

/** Every number from -12 to 12 in quarters that the value could be. */
function possible(made: Made): readonly number[] {
  const all = Array.from({ length: 97 }, (_, i) => -12 + i / 4);
  if (made.form === 'exact' || made.form === 'count') return [made.at];
  if (made.form === 'range') return all.filter((x) => x >= made.low && x <= made.low + made.width);
  if (made.form !== 'side') return [];
  const holds = {
    '<': (x: number) => x < made.at,
    '<=': (x: number) => x <= made.at,
    '>=': (x: number) => x >= made.at,
    '>': (x: number) => x > made.at,
  };
  return all.filter(holds[made.sign]);
}

/** The reference: a value is found if whatever it could be is within the bounds. */
function isFound({ code, made }: MadeFinding, asked: Asked): boolean {
  if (made === null || (asked.codes !== null && !asked.codes.includes(code))) return false;
  if (asked.coded !== null) return made.form === 'answer' && asked.coded.includes(made.answer);
  if (made.form === 'answer' || made.form === 'local') return false;
  const { ucum, atLeast, moreThan, atMost, lessThan } = asked;
  if ((made.form === 'count' ? '1' : made.unit) !== ucum) return false;
  return possible(made).every(
    (x) =>
      (atLeast === null || x >= atLeast) &&
      (moreThan === null || x > moreThan) &&
      (atMost === null || x <= atMost) &&
      (lessThan === null || x < lessThan),
  );
}

const text = (bound: number | null) => (bound === null ? null : bound.toFixed(2));
const system = (url: string) => (code: string) => ({ system: url, code });

function toInput({ codes, coded, ucum, ...bounds }: Asked): object {
  const { atLeast, moreThan, atMost, lessThan } = bounds;
  const of = codes === null ? {} : { codes: codes.map(system(LOINC)) };
  if (coded !== null) return { ...of, coded: coded.map(system('http://snomed.info/sct')) };
  const quantity = {
    ucum,
    atLeast: text(atLeast),
    moreThan: text(moreThan),
    atMost: text(atMost),
    lessThan: text(lessThan),
  };
  return { ...of, quantity };
}

const bound = fc.option(at, { freq: 2 });
const asked: fc.Arbitrary<Asked> = fc.record({
  codes: fc.option(fc.subarray([...CODES])),
  coded: fc.option(fc.subarray([...ANSWERS]), { freq: 1 }),
  ucum: unit,
  atLeast: bound,
  moreThan: bound,
  atMost: bound,
  lessThan: bound,
});

let clinic: Clinic;
const START_MS = Date.parse('2024-01-01T00:00:00Z');
const dayOf = (index: number) => new Date(START_MS + index * 86_400_000).toISOString();

beforeAll(async () => {
  clinic = await openClinic('riverside-hospital');
  const resources = MADE.map(([own, ...component], index) =>
    observation(`o-${index}`, 'ana', {
      valueQuantity: undefined,
      effectiveDateTime: dayOf(index),
      ...toFhir(own as MadeFinding),
      component: component.length === 0 ? undefined : component.map(toFhir),
    }),
  );
  await clinic.take(patient('ana'), ...resources);
  await clinic.link(ANA, 'ana');
});
afterAll(() => clinic.close());

async function found(value: object): Promise<readonly string[]> {
  const variables = { ...participantKeys(ANA), where: { value } };
  const { data, errors } = await clinic.ask([permit()], FOUND, variables);
  expect(errors).toBeUndefined();
  return data?._entities[0].observations.nodes.map(({ effective }: Entity) => effective.from);
}

describe('a value filter', () => {
  test(`finds what the reference finds, whatever is asked (seed ${SEED})`, async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (question) => {
        const expected = MADE.flatMap((findings, index) =>
          findings.some((one) => isFound(one, question)) ? [dayOf(index)] : [],
        );
        hits += expected.length;
        expect(await found(toInput(question))).toEqual(expected);
      }),
      { seed: SEED, numRuns: 60 },
    );
    expect(hits).toBeGreaterThan(60);
  });

  test('compares decimals by value, not by text or by rounding', async () => {
    await clinic.take(
      observation('exact', 'ana', {
        code: coded(LOINC, '2345-7'),
        effectiveDateTime: '2023-01-01T00:00:00.000Z',
        valueQuantity: { value: 1e-7, unit: 'g', system: UCUM, code: 'g' },
      }),
    );
    const within = (bounds: object) => found({ quantity: { ucum: 'g', ...bounds } });
    const day = ['2023-01-01T00:00:00.000Z'];
    expect(await within({ atLeast: '0.0000001', atMost: '0.00000010' })).toEqual(day);
    expect(await within({ moreThan: '0.0000000999999999999999999999' })).toEqual(day);
    expect(await within({ moreThan: '0.0000001' })).toEqual([]);
    expect(await within({ lessThan: '10' })).toEqual(day);
    expect(await within({ atLeast: '1e300' })).toEqual([]);
  });

  test('converts nothing: the same amount in another unit is another value', async () => {
    expect(await found({ quantity: { ucum: 'mg', atLeast: '0' } })).toEqual([]);
  });

  test.each([
    ['nothing', {}],
    ['codes alone', { codes: [{ system: LOINC, code: '8480-6' }] }],
    ['both', { quantity: { ucum: '%' }, coded: [] }],
    ['a unit with a space', { quantity: { ucum: 'mm Hg' } }],
    ['a unit that is none', { quantity: { ucum: '' } }],
    ['no decimal', { quantity: { ucum: '%', atLeast: "1'; DROP TABLE patient" } }],
    ['an endless exponent', { quantity: { ucum: '%', atLeast: '1e9999' } }],
    ['a code with U+0000', { coded: [{ system: LOINC, code: 'a\u0000' }] }],
  ])('that asks for %s is refused', async (_, value) => {
    const variables = { ...participantKeys(ANA), where: { value } };
    const { errors } = await clinic.ask([permit()], FOUND, variables);
    // Also where a scalar refused it, on its way through the variables.
    expect(domainErrorOf(errors?.[0])?.code).toBe('BAD_INPUT');
  });
});
