import { z } from 'zod';
import { isCivilDate } from '../core/calendar.js';
import { EvidenceRow, requireOwnAnchor } from '../core/evidence/evidence-wire.js';
import { type InstitutionId, toInstitutionId, toStudyId } from '../core/ids.js';
import { listOf } from '../core/list-of.js';
import { type KeptTrial, PHASES, TRIAL_STATUSES } from './model.js';

/** The fields of each trial that the network asks a node for. */
export const TRIAL_FIELDS = `
  id title status phase conditions keywords sponsorName sponsor { id } custodian { id }
  sites { facility city country institution { id } }
  summary eligibility { text sex minimumAge maximumAge healthyVolunteers }
  enrollment startDate completionDate`;

/** Far more items than any list of a trial has. */
const MAX_LISTED = 10_000;

const text = z.string().nullable();
const reference = z.object({ id: z.string() });
const partialDate = z
  .string()
  .regex(/^\d{4}-\d{2}(-\d{2})?$/)
  .refine(isCivilDate)
  .nullable();

/** One trial in another node's answer. Strict, because that node may be faulty or dishonest. */
export const TrialRow = z.strictObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(TRIAL_STATUSES),
  phase: listOf(z.enum(PHASES), MAX_LISTED),
  conditions: listOf(z.string(), MAX_LISTED),
  keywords: listOf(z.string(), MAX_LISTED),
  sponsorName: z.string(),
  sponsor: reference.nullable(),
  custodian: reference,
  sites: listOf(
    z.strictObject({
      facility: text,
      city: text,
      country: text,
      institution: reference.nullable(),
    }),
    MAX_LISTED,
  ),
  summary: text,
  eligibility: z.strictObject({
    text,
    sex: text,
    minimumAge: text,
    maximumAge: text,
    healthyVolunteers: z.boolean().nullable(),
  }),
  enrollment: z.int().min(0).nullable(),
  startDate: partialDate,
  completionDate: partialDate,
  evidence: EvidenceRow.nullish(), // absent if it was not asked for
});

/**
 * A node's row as a trial kept by that node.
 *
 * A node must not name another institution as the custodian: such an answer is malformed.
 */
export function toKeptTrial(row: z.infer<typeof TrialRow>, institution: InstitutionId): KeptTrial {
  const { id, phase, sponsor, custodian, sites, evidence = null, ...rest } = row;
  if (custodian.id !== institution) throw new Error('a node keeps the trials that it answers with');
  requireOwnAnchor(evidence, institution);
  return {
    ...rest,
    id: toStudyId(id),
    phases: phase,
    sponsor: sponsor === null ? null : toInstitutionId(sponsor.id),
    sites: sites.map(({ institution: member, ...place }) => ({
      ...place,
      institution: member === null ? null : toInstitutionId(member.id),
    })),
    custodian: institution,
    evidence,
  };
}
