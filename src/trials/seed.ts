import { sha256Hex } from '../core/canonical.js';
import type { Phase, TrialStatus } from './model.js';
import { SEED_PROTOCOLS, type SeedProtocol } from './seed-protocols.js';

export interface TrialSeed {
  /** The pilot's seed: the same seed and time give the same bytes. */
  readonly seed: number;
  /** Unix milliseconds; dates are around it. */
  readonly nowMs: number;
  /** The sponsor's display name, as its institution has it. */
  readonly sponsorName: string;
  /** Where all trials recruit: the hospitals of the pilot, by display name. */
  readonly sites: readonly { readonly facility: string; readonly city: string }[];
}

const DAY_MS = 86_400_000;

/**
 * Makes a dozen synthetic studies in ClinicalTrials.gov v2 shape. Their ids begin with NCT9000, far
 * beyond those that the registry has assigned, so that none is mistaken for a real trial.
 */
export function generateTrials(options: TrialSeed): { readonly studies: readonly object[] } {
  return { studies: SEED_PROTOCOLS.map((protocol, i) => toStudy(protocol, i + 1, options)) };
}

/** The id of the n-th generated trial, from 1. */
export function seedTrialId(ordinal: number): string {
  return `NCT9000${String(ordinal).padStart(4, '0')}`;
}

function toStudy(protocol: SeedProtocol, ordinal: number, options: TrialSeed): object {
  const nctId = seedTrialId(ordinal);
  const startMs = options.nowMs - (200 + draw(options.seed, nctId, 'start', 700)) * DAY_MS;
  const planned = 60 + 20 * draw(options.seed, nctId, 'enrollment', 40);
  return {
    protocolSection: {
      identificationModule: {
        nctId,
        orgStudyIdInfo: { id: `NW-${String(ordinal).padStart(3, '0')}` },
        organization: { fullName: options.sponsorName, class: 'INDUSTRY' },
        briefTitle: protocol.title,
      },
      statusModule: {
        overallStatus: protocol.status satisfies TrialStatus,
        startDateStruct: { date: isoDate(startMs), type: 'ACTUAL' },
        completionDateStruct: { date: isoDate(startMs + 1_500 * DAY_MS), type: 'ESTIMATED' },
      },
      sponsorCollaboratorsModule: {
        responsibleParty: { type: 'SPONSOR' },
        leadSponsor: { name: options.sponsorName, class: 'INDUSTRY' },
      },
      descriptionModule: { briefSummary: protocol.summary },
      conditionsModule: { conditions: protocol.conditions, keywords: protocol.keywords },
      designModule: {
        studyType: protocol.phases.length === 0 ? 'OBSERVATIONAL' : 'INTERVENTIONAL',
        phases: [...protocol.phases] satisfies Phase[],
        enrollmentInfo: { count: planned, type: 'ESTIMATED' },
      },
      eligibilityModule: {
        eligibilityCriteria: protocol.eligibility,
        healthyVolunteers: false,
        sex: 'ALL',
        minimumAge: protocol.minimumAge,
        stdAges: ['ADULT', 'OLDER_ADULT'],
      },
      contactsLocationsModule: { locations: toLocations(options.sites) },
    },
    hasResults: false,
  };
}

/** The hospitals of the network, and one clinic that is not a member. */
function toLocations(sites: TrialSeed['sites']): readonly object[] {
  const outside = { facility: 'Prairie Community Clinic', city: 'Elm Creek' };
  return [...sites, outside].map((place) => ({ ...place, country: 'United States' }));
}

/** A number in [0, below) that depends only on the seed and its purpose, not on earlier draws. */
function draw(seed: number, nctId: string, purpose: string, below: number): number {
  return Number.parseInt(sha256Hex(`trials/${seed}/${nctId}/${purpose}`).slice(0, 8), 16) % below;
}

function isoDate(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}
