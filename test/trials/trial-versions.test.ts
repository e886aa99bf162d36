import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStudies } from '../../src/trials/ctgov.js';
import { decideTrial, withNewerStatus } from '../../src/trials/version.js';
import { legacyAnswer, v2Study } from '../support/trials/studies.js';

const NO_NAMES = new Map<string, never>();

const WHOLE = {
  descriptionModule: { briefSummary: 'What it is' },
  conditionsModule: { conditions: ['Asthma'], keywords: ['lung'] },
  designModule: { phases: ['PHASE3'], enrollmentInfo: { count: 10 } },
  eligibilityModule: {
    eligibilityCriteria: 'Adults',
    sex: 'ALL',
    minimumAge: '18 Years',
    maximumAge: '65 Years',
    healthyVolunteers: false,
  },
  contactsLocationsModule: { locations: [{ facility: 'F', city: 'C', country: 'US' }] },
};
type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function read(modules: Modules, updated?: string) {
  const dates = {
    startDateStruct: { date: '2020-01' },
    completionDateStruct: { date: '2024-01' },
    ...(updated === undefined ? {} : { lastUpdatePostDateStruct: { date: updated } }),
  };
  const statusModule = { overallStatus: 'RECRUITING', ...dates };
  const [reading] = parseStudies(v2Study('NCT99990001', { statusModule, ...modules }), NO_NAMES);
  if (reading === undefined || 'refused' in reading) throw new Error('refused');
  return reading;
}

/** Every element below a module, and every module. */
const PARTS = Object.entries(WHOLE).flatMap(([module, elements]) => [
  [module, undefined] as const,
  ...Object.keys(elements).map((element) => [module, element] as const),
]);

function without(module: string, element: string | undefined): Modules {
  const { [module]: gone, ...rest } = WHOLE as Modules;
  if (element === undefined || gone === undefined) return rest;
  const { [element]: _, ...left } = gone;
  return { ...rest, [module]: left };
}

const AT_A_LATER_DATE = new Set([
  'keywords',
  'phases',
  'enrollmentInfo',
  'minimumAge',
  'maximumAge',
  'healthyVolunteers',
]);

describe('a record of a trial that is stored whole', () => {
  test.each(PARTS)('is not replaced by one without %s %s', (module, element) => {
    const part = without(module, element);
    for (const [was, is] of [
      [undefined, undefined],
      ['2024-01-01', undefined],
      [undefined, '2024-01-01'],
      ['2024-01-01', '2024-01-01'],
    ]) {
      expect(decideTrial(read(part, is), read(WHOLE, was)).kind).toBe('PARTIAL');
      const back = decideTrial(read(WHOLE, is), read(part, was)).kind;
      expect(back).toBe(was !== undefined && is === undefined ? 'PARTIAL' : 'STORE');
    }
    const later = decideTrial(read(part, '2024-02-01'), read(WHOLE, '2024-01-01'));
    expect(later.kind).toBe(AT_A_LATER_DATE.has(element ?? '') ? 'STORE' : 'PARTIAL');
  });

  test('says which elements are lacking', () => {
    const { eligibilityModule } = WHOLE;
    const part = { ...WHOLE, eligibilityModule: { minimumAge: eligibilityModule.minimumAge } };
    expect(decideTrial(read(part), read(WHOLE))).toEqual({
      kind: 'PARTIAL',
      lacks: ['eligibilityCriteria', 'sex', 'maximumAge', 'healthyVolunteers'],
    });
  });

  test('loses its places at a later date only with a withdrawal', () => {
    const { contactsLocationsModule: _, ...rest } = WHOLE;
    const part = read(rest, '2024-02-01');
    expect(decideTrial(part, read(WHOLE, '2024-01-01'))).toEqual({
      kind: 'PARTIAL',
      lacks: ['locations'],
    });
    const withdrawn = { ...part, trial: { ...part.trial, status: 'WITHDRAWN' as const } };
    expect(decideTrial(withdrawn, read(WHOLE, '2024-01-01')).kind).toBe('STORE');
  });

  test.each(['facility', 'city', 'country'])('keeps the %s of its places', (element) => {
    const { [element]: gone, ...place } = { facility: 'F', city: 'C', country: 'US' } as Record<
      string,
      string
    >;
    expect(gone).toBeDefined();
    const part = { ...WHOLE, contactsLocationsModule: { locations: [place, place] } };
    expect(decideTrial(read(part, '2024-02-01'), read(WHOLE, '2024-01-01'))).toEqual({
      kind: 'PARTIAL',
      lacks: [`locations.${element}`],
    });
  });

  test('is the same at any date if it says the same', () => {
    for (const updated of [undefined, '2023-01-01', '2025-01-01']) {
      expect(decideTrial(read(WHOLE, updated), read(WHOLE, '2024-01-01')).kind).toBe('SAME');
    }
  });

  test('is the newest after any order of updates', () => {
    const days = fc.uniqueArray(fc.integer({ min: 10, max: 28 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(days, (order) => {
        let stored: ReturnType<typeof read> | undefined;
        for (const day of order) {
          const said = { descriptionModule: { briefSummary: `As of the ${day}th` } };
          const coming = read({ ...WHOLE, ...said }, `2024-01-${day}`);
          const kind = stored === undefined ? 'STORE' : decideTrial(coming, stored).kind;
          if (kind === 'STORE') stored = coming;
        }
        expect(stored?.updated).toBe(`2024-01-${Math.max(...order)}`);
      }),
      { seed: 20_261_130, numRuns: 50 },
    );
  });
});

describe('a newer part of a record', () => {
  const { contactsLocationsModule: _, ...rest } = WHOLE;
  const stored = read(WHOLE, '2024-01-01');
  const part = (status: 'TERMINATED' | 'RECRUITING', updated?: string) => {
    const one = read(rest, updated);
    return { ...one, trial: { ...one.trial, status } };
  };

  test('gives the stored one its status, and nothing else', () => {
    const ended = part('TERMINATED', '2024-02-01');
    expect(decideTrial(ended, stored).kind).toBe('PARTIAL');
    expect(withNewerStatus(ended, stored)).toEqual({
      ...stored,
      trial: { ...stored.trial, status: 'TERMINATED' },
    });
  });

  test.each([
    ['says the same', part('RECRUITING', '2024-02-01')],
    ['is older', part('TERMINATED', '2023-12-31')],
    ['is of the same day', part('TERMINATED', '2024-01-01')],
    ['has no date', part('TERMINATED')],
  ])('gives nothing if it %s', (_name, one) => {
    expect(withNewerStatus(one, stored)).toBeUndefined();
  });
});

test('a record that is posted in the future is refused by its element', () => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const on = (date: string) => ({
    statusModule: { overallStatus: 'RECRUITING', lastUpdatePostDateStruct: { date } },
  });
  expect(parseStudies(v2Study('NCT99990001', on(day(0))), NO_NAMES)).toMatchObject([
    { updated: day(0) },
  ]);
  for (const date of [day(2), '2999-01-01', '2999-01']) {
    const refused = {
      path: 'protocolSection.statusModule.lastUpdatePostDateStruct.date',
      code: 'TRIAL_INVALID',
      detail: 'a record cannot be posted after today',
    };
    expect(parseStudies(v2Study('NCT99990001', on(date)), NO_NAMES)).toEqual([{ refused }]);
  }
});

test('the date of update is read from version 1 too', () => {
  const json = legacyAnswer({
    IdentificationModule: { NCTId: 'NCT99990001' },
    StatusModule: {
      OverallStatus: 'Recruiting',
      LastUpdatePostDateStruct: { LastUpdatePostDate: 'March 5, 2021' },
    },
    SponsorCollaboratorsModule: { LeadSponsor: { LeadSponsorName: 'S' } },
  });
  expect(parseStudies(json, NO_NAMES)).toMatchObject([{ updated: '2021-03-05' }]);
});
