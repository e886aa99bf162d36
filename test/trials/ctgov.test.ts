import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { parseStudies } from '../../src/trials/ctgov.js';
import { legacyAnswer, v2Study } from '../support/trials/studies.js';

const NAMES = new Map([
  ['Northwind Trials', toInstitutionId('northwind-trials')],
  ['Riverside Hospital', toInstitutionId('riverside-hospital')],
]);

function only(json: unknown) {
  const readings = parseStudies(json, NAMES);
  expect(readings).toHaveLength(1);
  return readings[0];
}

function trialOf(json: unknown) {
  const reading = only(json);
  if (reading === undefined || !('trial' in reading)) throw new Error('the study was refused');
  return reading.trial;
}

function refusalOf(json: unknown) {
  const reading = only(json);
  if (reading === undefined || !('refused' in reading)) throw new Error('the study was taken');
  return reading.refused;
}

describe('a version 2 study', () => {
  test('is read with whole modules left out', () => {
    expect(trialOf(v2Study('NCT90000001'))).toMatchObject({
      id: 'NCT90000001',
      phases: [],
      conditions: [],
      sites: [],
      summary: null,
      eligibility: { text: null, minimumAge: null },
      enrollment: null,
      startDate: null,
    });
  });

  test('names institutions by their exact display name and no other', () => {
    const locations = [
      { facility: 'Riverside Hospital', city: 'Springfield', country: 'United States' },
      { facility: 'riverside hospital' },
      { facility: 'Riverside Hospital East' },
      {},
    ];
    const trial = trialOf(v2Study('NCT90000001', { contactsLocationsModule: { locations } }));
    expect(trial.sponsor).toBe('northwind-trials');
    expect(trial.sites.map(({ institution }) => institution)).toEqual([
      'riverside-hospital',
      null,
      null,
      null,
    ]);
  });

  test('comes alone, in a list, or in a search answer', () => {
    const studies = [v2Study('NCT90000001'), v2Study('NCT90000002')];
    expect(parseStudies(studies, NAMES)).toHaveLength(2);
    expect(parseStudies({ studies }, NAMES)).toHaveLength(2);
  });

  test.each([
    ['nctId', { identificationModule: { nctId: 'NCT1' } }],
    ['statusModule.overallStatus', { statusModule: { overallStatus: 'OPEN' } }],
    ['sponsorCollaboratorsModule', { sponsorCollaboratorsModule: undefined }],
    ['designModule.phases[0]', { designModule: { phases: ['PHASE5'] } }],
    ['designModule.enrollmentInfo.count', { designModule: { enrollmentInfo: { count: -1 } } }],
    [
      'startDateStruct.date',
      { statusModule: { overallStatus: 'COMPLETED', startDateStruct: { date: 'May 2020' } } },
    ],
  ])('is refused at %s', (place, modules) => {
    const refusal = refusalOf({ studies: [v2Study('NCT90000001', modules)] });
    expect(refusal.code).toBe('TRIAL_INVALID');
    expect(refusal.path).toMatch(/^studies\[0\]\.protocolSection\./);
    expect(refusal.path).toContain(place);
  });
});

describe('a version 1 study', () => {
  test('means the same as its version 2 record', () => {
    const legacy = legacyAnswer({
      IdentificationModule: { NCTId: 'NCT90000001', BriefTitle: 'Study NCT90000001' },
      StatusModule: {
        OverallStatus: 'Active, not recruiting',
        StartDateStruct: { StartDate: 'July 2001' },
        CompletionDateStruct: { CompletionDate: 'September 3, 2011' },
      },
      SponsorCollaboratorsModule: { LeadSponsor: { LeadSponsorName: 'Northwind Trials' } },
      DescriptionModule: { BriefSummary: 'Why.' },
      ConditionsModule: {
        ConditionList: { Condition: ['Asthma'] },
        KeywordList: { Keyword: ['wheeze'] },
      },
      DesignModule: {
        PhaseList: { Phase: ['Phase 1/Phase 2', 'Early Phase 1', 'Not Applicable'] },
        EnrollmentInfo: { EnrollmentCount: '63' },
      },
      EligibilityModule: {
        EligibilityCriteria: 'Adults.',
        HealthyVolunteers: 'No',
        Gender: 'All',
        MinimumAge: '18 Years',
      },
      ContactsLocationsModule: {
        LocationList: {
          Location: [{ LocationFacility: 'Riverside Hospital', LocationCity: 'Springfield' }],
        },
      },
    });
    const current = v2Study('NCT90000001', {
      statusModule: {
        overallStatus: 'ACTIVE_NOT_RECRUITING',
        startDateStruct: { date: '2001-07' },
        completionDateStruct: { date: '2011-09-03' },
      },
      descriptionModule: { briefSummary: 'Why.' },
      conditionsModule: { conditions: ['Asthma'], keywords: ['wheeze'] },
      designModule: {
        phases: ['PHASE1', 'PHASE2', 'EARLY_PHASE1', 'NA'],
        enrollmentInfo: { count: 63 },
      },
      eligibilityModule: {
        eligibilityCriteria: 'Adults.',
        healthyVolunteers: false,
        sex: 'ALL',
        minimumAge: '18 Years',
      },
      contactsLocationsModule: {
        locations: [{ facility: 'Riverside Hospital', city: 'Springfield' }],
      },
    });
    expect(trialOf(legacy)).toEqual(trialOf(current));
  });

  test('is refused by the same rules, at its place in the envelope', () => {
    const refusal = refusalOf(legacyAnswer({ IdentificationModule: { NCTId: 'NCT90000001' } }));
    expect(refusal.path).toMatch(/^FullStudiesResponse\.FullStudies\[0\]\.Study\./);
  });
});

test.each([[null], [42], [{}], [{ studies: 'all' }], [{ resourceType: 'Bundle' }]])(
  'what is no answer of ClinicalTrials.gov is refused: %j',
  (json) => {
    expect(() => parseStudies(json, NAMES)).toThrow(
      expect.objectContaining({ code: 'TRIAL_INVALID' }),
    );
  },
);
