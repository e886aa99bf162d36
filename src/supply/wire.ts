import { z } from 'zod';
import { EVIDENCE_FIELDS, EvidenceRow, requireOwnAnchor } from '../core/evidence/evidence-wire.js';
import { type InstitutionId, toInstitutionId } from '../core/ids.js';
import { keptForms } from '../core/kept-forms.js';
import { listOf } from '../core/list-of.js';
import { parseEpc } from './gs1.js';
import {
  type Containment,
  EVENT_ACTIONS,
  EVENT_TYPES,
  type Lot,
  type TracedEvent,
  VRS_REASONS,
} from './model.js';
import { MAX_TRACE_EVENTS } from './source.js';

/** What the network asks a node: fixed documents, whatever a client selects. */
export const VERIFY = `query ($gtin: ID!, $serial: String!, $lot: String!, $expiry: Date!) {
  verifyProduct(gtin: $gtin, serial: $serial, lot: $lot, expiry: $expiry) { verified reason }
}`;

export const TRACE = `query (
  $epc: URI!, $from: DateTime, $until: DateTime, $evidence: Boolean! = false
) {
  trace(epc: $epc, from: $from, until: $until) {
    hasMore
    events {
      eventId type action bizStep disposition eventTime readPoint bizLocation epcs declaredInError
      custodian { id } evidence @include(if: $evidence) { ${EVIDENCE_FIELDS} }
    }
    containments { child parent action time }
  }
}`;

export const LOTS = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Lot {
      gtin lot expiry product { gtin name labeler dosageForm strength }
      recall { since custodian { id } } holders { id }
    }
  }
}`;

// Answers are validated strictly, because a node may be faulty or dishonest.
const text = z.string().nullable();
const reference = z.strictObject({ id: z.string() });
const timeMs = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));
const epc = z.string().refine((uri) => parseEpc(uri).uri === uri);

export const VerifyAnswer = z.object({
  verifyProduct: z
    .strictObject({ verified: z.boolean(), reason: z.enum(VRS_REASONS).nullable() })
    // A manufacturer always knows its own packs: a yes has no reason, a no always has one.
    .refine(({ verified, reason }) => verified === (reason === null))
    .refine(({ reason }) => reason !== 'SOURCE_UNAVAILABLE'),
});

const EventRow = z.strictObject({
  eventId: z.string().min(1),
  type: z.enum(EVENT_TYPES),
  action: z.enum(EVENT_ACTIONS).nullable(),
  bizStep: text,
  disposition: text,
  eventTime: timeMs,
  readPoint: text,
  bizLocation: text,
  epcs: listOf(epc, MAX_TRACE_EVENTS),
  declaredInError: timeMs.nullable(),
  custodian: reference,
  evidence: EvidenceRow.nullish(), // absent if it was not asked for
});

const ContainmentRow = z.strictObject({
  child: epc.nullable(),
  parent: epc,
  action: z.enum(EVENT_ACTIONS),
  time: timeMs,
});

export const TraceAnswer = z.object({
  trace: z
    .strictObject({
      hasMore: z.boolean(),
      events: listOf(EventRow, MAX_TRACE_EVENTS),
      containments: listOf(ContainmentRow, 3 * MAX_TRACE_EVENTS),
    })
    .nullable(),
});

/** More than the ledger has slots. */
const MAX_HOLDERS = 4_096;

const LotRow = z.strictObject({
  gtin: z.string(),
  lot: z.string(),
  expiry: z.iso.date().nullable(),
  product: z
    .strictObject({
      gtin: z.string(),
      name: z.string(),
      labeler: text,
      dosageForm: text,
      strength: text,
    })
    .nullable(),
  recall: z.strictObject({ since: timeMs, custodian: reference }).nullable(),
  holders: listOf(reference, MAX_HOLDERS).nullable(),
});

export const lotsAnswer = keptForms((count: number) =>
  z.object({ _entities: listOf(LotRow, count, count) }),
);

/** A node may only report its own events: a different custodian makes the answer malformed. */
export function toTracedEvent(
  row: z.infer<typeof EventRow>,
  institution: InstitutionId,
): TracedEvent {
  const { eventTime, declaredInError, custodian, evidence = null, ...rest } = row;
  requireSelf(custodian.id, institution);
  requireOwnAnchor(evidence, institution);
  return {
    ...rest,
    eventTimeMs: eventTime,
    declaredInErrorMs: declaredInError,
    custodian: institution,
    evidence,
  };
}

export function toContainment(row: z.infer<typeof ContainmentRow>): Containment {
  const { time, ...rest } = row;
  return { ...rest, timeMs: time };
}

/** @returns the lot without `sources`, which the network itself determines. */
export function toLot(
  row: z.infer<typeof LotRow>,
  institution: InstitutionId,
): Omit<Lot, 'sources'> {
  const { recall, holders } = row;
  for (const { id } of holders ?? []) requireSelf(id, institution);
  if (recall !== null) requireSelf(recall.custodian.id, institution);
  return {
    ...row,
    recall: recall === null ? null : { sinceMs: recall.since, custodian: institution },
    holders: (holders ?? []).map(({ id }) => toInstitutionId(id)),
  };
}

function requireSelf(named: string, institution: InstitutionId): void {
  if (named !== institution) throw new Error('a node speaks for itself');
}
