import { z } from 'zod';
import { isCivilDate } from '../core/calendar.js';
import { systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import { toStudyId } from '../core/ids.js';
import { jsonPath, type RefusedEntry } from '../core/import/import-report.js';
import { fromLegacyStudy } from './ctgov-legacy.js';
import type { InstitutionNames } from './institution-names.js';
import { PHASES, type Site, TRIAL_STATUSES, type Trial } from './model.js';
import type { DatedTrial } from './version.js';

const text = z.string().min(1);
const partialDate = z
  .string()
  .regex(/^\d{4}-\d{2}(-\d{2})?$/, 'a date is YYYY-MM-DD or YYYY-MM')
  .refine(isCivilDate, 'a date must exist in the calendar');
const dateStruct = z.looseObject({ date: partialDate.optional() });
const postedDate = partialDate.refine(
  (date) => date <= latestToday(),
  'a record cannot be posted after today',
);
/** Today's date in the earliest time zone, UTC+14. */
function latestToday(): string {
  return new Date(systemClock.nowMs() + 14 * 3_600_000).toISOString().slice(0, 10);
}

/**
 * The parts of a ClinicalTrials.gov v2 study that the model is made from.
 *
 * Real records may lack modules (a stub has no eligibilityModule), so only the indispensable ones
 * are required. Elements that are not read may contain anything.
 *
 * @source https://clinicaltrials.gov/data-api/about-api/study-data-structure
 */
const StudyRecord = z.looseObject({
  protocolSection: z.looseObject({
    identificationModule: z.looseObject({
      nctId: z.string().regex(/^NCT\d{8}$/, 'an nctId is NCT and eight digits'),
      briefTitle: text.optional(),
      officialTitle: text.optional(),
      organization: z.looseObject({ fullName: text.optional() }).optional(),
    }),
    statusModule: z.looseObject({
      overallStatus: z.enum(TRIAL_STATUSES),
      startDateStruct: dateStruct.optional(),
      completionDateStruct: dateStruct.optional(),
      lastUpdatePostDateStruct: z.looseObject({ date: postedDate.optional() }).optional(),
    }),
    sponsorCollaboratorsModule: z.looseObject({ leadSponsor: z.looseObject({ name: text }) }),
    descriptionModule: z.looseObject({ briefSummary: text.optional() }).optional(),
    conditionsModule: z
      .looseObject({ conditions: z.array(text).optional(), keywords: z.array(text).optional() })
      .optional(),
    designModule: z
      .looseObject({
        phases: z.array(z.enum(PHASES)).optional(),
        enrollmentInfo: z.looseObject({ count: z.int().min(0).optional() }).optional(),
      })
      .optional(),
    eligibilityModule: z
      .looseObject({
        eligibilityCriteria: text.optional(),
        sex: text.optional(),
        minimumAge: text.optional(),
        maximumAge: text.optional(),
        healthyVolunteers: z.boolean().optional(),
      })
      .optional(),
    contactsLocationsModule: z
      .looseObject({
        locations: z
          .array(
            z.looseObject({
              facility: text.optional(),
              city: text.optional(),
              country: text.optional(),
            }),
          )
          .optional(),
      })
      .optional(),
  }),
});

type ProtocolSection = z.infer<typeof StudyRecord>['protocolSection'];

/** A study of a file, and its place in the file. */
export interface ReadStudy extends DatedTrial {
  readonly path: string;
}

/** One study of a file: parsed, or refused with its place in the file. */
export type StudyReading = ReadStudy | { readonly refused: RefusedEntry };

/**
 * Reads every study of a ClinicalTrials.gov answer: one v2 study, a list of them, the v2 search
 * answer `{ studies }`, or the version 1 envelope `FullStudiesResponse`.
 *
 * @throws DomainError TRIAL_INVALID if it is none of these.
 */
export function parseStudies(json: unknown, names: InstitutionNames): readonly StudyReading[] {
  return studiesOf(json).map(({ study, at }) => parseStudy(study, at, names));
}

const Envelope = z.union([
  z.looseObject({ protocolSection: z.unknown() }),
  z.looseObject({ studies: z.array(z.unknown()) }),
  z.array(z.unknown()),
  z.looseObject({
    FullStudiesResponse: z.looseObject({
      FullStudies: z.array(z.looseObject({ Study: z.unknown() })),
    }),
  }),
]);

type Steps = readonly PropertyKey[];

function studiesOf(json: unknown): readonly { study: unknown; at: Steps }[] {
  const { data, success } = Envelope.safeParse(json);
  if (!success) throw new DomainError('TRIAL_INVALID', { expected: 'protocolSection' });
  if (Array.isArray(data)) return data.map((study, i) => ({ study, at: [i] }));
  if ('studies' in data && Array.isArray(data.studies)) {
    return data.studies.map((study, i) => ({ study, at: ['studies', i] }));
  }
  if ('FullStudiesResponse' in data && typeof data.FullStudiesResponse === 'object') {
    const { FullStudies } = data.FullStudiesResponse as { FullStudies: { Study: unknown }[] };
    const at = ['FullStudiesResponse', 'FullStudies'];
    return FullStudies.map(({ Study }, i) => ({
      study: fromLegacyStudy(Study),
      at: [...at, i, 'Study'],
    }));
  }
  return [{ study: data, at: [] }];
}

function parseStudy(study: unknown, at: Steps, names: InstitutionNames): StudyReading {
  const { data, error } = StudyRecord.safeParse(study);
  if (data !== undefined) {
    const { statusModule } = data.protocolSection;
    const updated = statusModule.lastUpdatePostDateStruct?.date ?? null;
    return { path: jsonPath(...at), trial: toTrial(data.protocolSection, names), updated };
  }
  const issue = error.issues[0];
  return {
    refused: {
      path: jsonPath(...at, ...(issue?.path ?? [])),
      code: 'TRIAL_INVALID',
      detail: issue?.message ?? 'not a study',
    },
  };
}

function toTrial(protocol: ProtocolSection, names: InstitutionNames): Trial {
  const { identificationModule: identification, statusModule: status } = protocol;
  const sponsorName = protocol.sponsorCollaboratorsModule.leadSponsor.name;
  const eligibility = protocol.eligibilityModule;
  return {
    id: toStudyId(identification.nctId),
    title: identification.briefTitle ?? identification.officialTitle ?? identification.nctId,
    status: status.overallStatus,
    phases: protocol.designModule?.phases ?? [],
    conditions: protocol.conditionsModule?.conditions ?? [],
    keywords: protocol.conditionsModule?.keywords ?? [],
    sponsorName,
    sponsor: names.get(sponsorName) ?? null,
    sites: (protocol.contactsLocationsModule?.locations ?? []).map((place) => toSite(place, names)),
    summary: protocol.descriptionModule?.briefSummary ?? null,
    eligibility: {
      text: eligibility?.eligibilityCriteria ?? null,
      sex: eligibility?.sex ?? null,
      minimumAge: eligibility?.minimumAge ?? null,
      maximumAge: eligibility?.maximumAge ?? null,
      healthyVolunteers: eligibility?.healthyVolunteers ?? null,
    },
    enrollment: protocol.designModule?.enrollmentInfo?.count ?? null,
    startDate: status.startDateStruct?.date ?? null,
    completionDate: status.completionDateStruct?.date ?? null,
  };
}

interface Place {
  readonly facility?: string | undefined;
  readonly city?: string | undefined;
  readonly country?: string | undefined;
}

function toSite({ facility, city, country }: Place, names: InstitutionNames): Site {
  return {
    facility: facility ?? null,
    city: city ?? null,
    country: country ?? null,
    institution: (facility === undefined ? undefined : names.get(facility)) ?? null,
  };
}
