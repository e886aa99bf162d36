import { z } from 'zod';

/**
 * Turns a study of the retired ClinicalTrials.gov API (version 1: element names in Pascal case,
 * lists inside a wrapper, values as the website prints them) into the shape of version 2.
 *
 * Only the shape is checked here: `ctgov.ts` parses both versions with the same rules. What does
 * not look like a version 1 study is passed on unchanged, for those rules to refuse.
 *
 * @source https://classic.clinicaltrials.gov/api/info/study_structure
 */
export function fromLegacyStudy(study: unknown): unknown {
  const { data } = LegacyStudy.safeParse(study);
  if (data === undefined) return study;
  const protocol = data.ProtocolSection;
  const identification = protocol.IdentificationModule;
  const status = protocol.StatusModule;
  return {
    protocolSection: withoutUndefined({
      identificationModule: withoutUndefined({
        nctId: identification?.NCTId,
        briefTitle: identification?.BriefTitle,
        officialTitle: identification?.OfficialTitle,
      }),
      statusModule: withoutUndefined({
        overallStatus: toCode(status?.OverallStatus),
        startDateStruct: toDateStruct(status?.StartDateStruct?.StartDate),
        completionDateStruct: toDateStruct(status?.CompletionDateStruct?.CompletionDate),
        lastUpdatePostDateStruct: toDateStruct(
          status?.LastUpdatePostDateStruct?.LastUpdatePostDate,
        ),
      }),
      sponsorCollaboratorsModule: {
        leadSponsor: { name: protocol.SponsorCollaboratorsModule?.LeadSponsor?.LeadSponsorName },
      },
      descriptionModule: withoutUndefined({
        briefSummary: protocol.DescriptionModule?.BriefSummary,
      }),
      conditionsModule: withoutUndefined({
        conditions: protocol.ConditionsModule?.ConditionList?.Condition,
        keywords: protocol.ConditionsModule?.KeywordList?.Keyword,
      }),
      designModule: toDesign(protocol.DesignModule),
      eligibilityModule: toEligibility(protocol.EligibilityModule),
      contactsLocationsModule: withoutUndefined({
        locations: protocol.ContactsLocationsModule?.LocationList?.Location?.map((place) =>
          withoutUndefined({
            facility: place.LocationFacility,
            city: place.LocationCity,
            country: place.LocationCountry,
          }),
        ),
      }),
    }),
  };
}

const text = z.string().optional();
const Design = z
  .looseObject({
    PhaseList: z.looseObject({ Phase: z.array(z.string()).optional() }).optional(),
    EnrollmentInfo: z.looseObject({ EnrollmentCount: text }).optional(),
  })
  .optional();
const Eligibility = z
  .looseObject({
    EligibilityCriteria: text,
    HealthyVolunteers: text,
    Gender: text,
    MinimumAge: text,
    MaximumAge: text,
  })
  .optional();

const LegacyStudy = z.looseObject({
  ProtocolSection: z.looseObject({
    IdentificationModule: z
      .looseObject({ NCTId: text, BriefTitle: text, OfficialTitle: text })
      .optional(),
    StatusModule: z
      .looseObject({
        OverallStatus: text,
        StartDateStruct: z.looseObject({ StartDate: text }).optional(),
        CompletionDateStruct: z.looseObject({ CompletionDate: text }).optional(),
        LastUpdatePostDateStruct: z.looseObject({ LastUpdatePostDate: text }).optional(),
      })
      .optional(),
    SponsorCollaboratorsModule: z
      .looseObject({ LeadSponsor: z.looseObject({ LeadSponsorName: text }).optional() })
      .optional(),
    DescriptionModule: z.looseObject({ BriefSummary: text }).optional(),
    ConditionsModule: z
      .looseObject({
        ConditionList: z.looseObject({ Condition: z.array(z.string()).optional() }).optional(),
        KeywordList: z.looseObject({ Keyword: z.array(z.string()).optional() }).optional(),
      })
      .optional(),
    DesignModule: Design,
    EligibilityModule: Eligibility,
    ContactsLocationsModule: z
      .looseObject({
        LocationList: z
          .looseObject({
            Location: z
              .array(
                z.looseObject({
                  LocationFacility: text,
                  LocationCity: text,
                  LocationCountry: text,
                }),
              )
              .optional(),
          })
          .optional(),
      })
      .optional(),
  }),
});

function toDesign(design: z.infer<typeof Design>) {
  const count = design?.EnrollmentInfo?.EnrollmentCount;
  return withoutUndefined({
    phases: design?.PhaseList?.Phase?.flatMap((phase) => phase.split('/')).map(toPhase),
    enrollmentInfo: count === undefined ? undefined : { count: Number(count) },
  });
}

function toEligibility(eligibility: z.infer<typeof Eligibility>) {
  const volunteers = eligibility?.HealthyVolunteers;
  return withoutUndefined({
    eligibilityCriteria: eligibility?.EligibilityCriteria,
    sex: eligibility?.Gender?.toUpperCase(),
    minimumAge: eligibility?.MinimumAge,
    maximumAge: eligibility?.MaximumAge,
    healthyVolunteers: volunteers === undefined ? undefined : volunteers !== 'No',
  });
}

/** "Active, not recruiting" is ACTIVE_NOT_RECRUITING in version 2; "Unknown status" is UNKNOWN. */
function toCode(printed: string | undefined): string | undefined {
  const code = printed?.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return code === 'UNKNOWN_STATUS' ? 'UNKNOWN' : code;
}

/** "Phase 2" is PHASE2, "Early Phase 1" EARLY_PHASE1, "Not Applicable" NA. */
function toPhase(printed: string): string | undefined {
  const code = toCode(printed)?.replace(/PHASE_(?=\d)/, 'PHASE');
  return code === 'NOT_APPLICABLE' || code === 'N_A' ? 'NA' : code;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

/**
 * "September 13, 2001" and "July 2001" as ISO dates; other texts unchanged, to be refused later.
 */
function toDateStruct(printed: string | undefined): { date: string } | undefined {
  if (printed === undefined) return undefined;
  const [, monthName, day, year] = /^(\w+) (?:(\d{1,2}), )?(\d{4})$/.exec(printed) ?? [];
  const month = MONTHS.indexOf(monthName ?? '') + 1;
  if (month === 0 || year === undefined) return { date: printed };
  const parts = [year, String(month).padStart(2, '0')];
  return { date: [...parts, ...(day === undefined ? [] : [day.padStart(2, '0')])].join('-') };
}

/** Leaves out absent elements, because version 2 never has one without a value. */
function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
