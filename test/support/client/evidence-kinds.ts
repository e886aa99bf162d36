import { appendEvidence } from '../../../src/consent/evidence/append.js';
import { createProver } from '../../../src/consent/evidence/prove.js';
import { fromBytes32 } from '../../../src/core/bytes32.js';
import {
  type Evidence,
  type EvidenceKind,
  type EvidencePart,
  WHOLE_RECORD,
} from '../../../src/core/evidence/evidence.js';
import { showParts } from '../../../src/core/evidence/evidence-parts.js';
import type { StudyId } from '../../../src/core/ids.js';
import { partsOfEvent, showsOnly } from '../../../src/supply/evidence.js';
import { partsOfTrial } from '../../../src/trials/evidence.js';
import type { Trial } from '../../../src/trials/model.js';
import type { openAnchoredNetwork } from '../consent/anchored-network.js';
import { at } from '../ledger/small-network.js';

type Network = Awaited<ReturnType<typeof openAnchoredNetwork>>;

/** A kind of record: what is logged of one, and the record as the API answers it. */
export interface RecordKind {
  readonly kind: EvidenceKind;
  readonly parts: readonly EvidencePart[];
  readonly shows?: (part: EvidencePart) => boolean;
  readonly record: Readonly<Record<string, unknown>>;
}

const TRIAL: Trial = {
  id: 'NCT90000001' as StudyId,
  title: 'A trial',
  status: 'COMPLETED',
  phases: ['PHASE2', 'PHASE3'],
  conditions: ['Asthma'],
  keywords: [],
  sponsorName: 'Helix',
  sponsor: null,
  sites: [
    { facility: 'Riverside', city: 'Springfield', country: null, institution: null },
    { facility: 'Lakeshore', city: null, country: null, institution: null },
  ],
  summary: null,
  eligibility: {
    text: null,
    sex: 'ALL',
    minimumAge: '18 Years',
    maximumAge: null,
    healthyVolunteers: false,
  },
  enrollment: 40,
  startDate: '2026-01',
  completionDate: null,
};

const EVENT = {
  eventId: 'urn:uuid:00000000-0000-4000-8000-000000000001',
  type: 'AggregationEvent' as const,
  action: 'ADD' as const,
  bizStep: 'packing',
  disposition: null,
  eventTimeMs: Date.UTC(2026, 4, 1),
  readPoint: null,
  bizLocation: null,
  declaredInErrorMs: null,
  epcs: ['urn:a', 'urn:b', 'urn:c'],
};

const RELEASE = {
  at: 3_987_000_000,
  study: 'NCT90000001',
  pseudonym: '11',
  handle: '22',
  purpose: 'HRESCH',
  dataClass: 'OBSERVATION',
  count: 3,
};

const recordOf = (parts: readonly EvidencePart[]) => {
  const fields = parts.filter(({ name }) => /^[a-zA-Z]+$/.test(name));
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
};

/** The record kinds of the product; of the event, a trace shows two of three things. */
export const KINDS = {
  trial: { kind: 'TRIAL', parts: partsOfTrial(TRIAL), record: recordOf(partsOfTrial(TRIAL)) },
  event: {
    kind: 'SUPPLY_EVENT',
    parts: partsOfEvent(EVENT),
    shows: showsOnly(['urn:a', 'urn:b']),
    record: { ...recordOf(partsOfEvent(EVENT)), epcs: ['urn:a', 'urn:b'] },
  },
  disclosure: {
    kind: 'DISCLOSURE',
    parts: [{ name: WHOLE_RECORD, value: RELEASE }],
    record: RELEASE,
  },
} as const satisfies Record<string, RecordKind>;
export type KindName = keyof typeof KINDS;

/** Logs, anchors and proves one record of each kind at an institution of a real network. */
export async function proveKinds(
  network: Network,
  slot: number,
): Promise<Record<KindName, Evidence>> {
  const { feed, anchoring, institution } = at(network.nodes, slot);
  const logged = new Map<KindName, `0x${string}` | null>();
  for (const [name, { kind, parts }] of Object.entries(KINDS)) {
    const [leaf = null] = await feed.db.transaction((tx) => appendEvidence(tx, kind, [parts]));
    logged.set(name as KindName, leaf);
  }
  await anchoring.anchorNow();
  const prove = createProver({ db: feed.db, institution, ledger: () => network.watch.current() });
  const rows = Object.entries(KINDS).map(([name, { parts, ...kind }]) => {
    return { leaf: logged.get(name as KindName) ?? null, parts, ...('shows' in kind ? kind : {}) };
  });
  const [trial, event, disclosure] = await prove(rows);
  if (!trial || !event || !disclosure) throw new Error('anchored');
  return { trial, event, disclosure };
}

/** What anyone can make of evidence in which every part is shown: one that shows fewer. */
export function hideParts(evidence: Evidence, hides: (name: string) => boolean): Evidence {
  const { parts } = evidence.proof;
  if (parts.hidden.length > 0) throw new RangeError('hides parts already');
  const hashes = parts.shown.map(({ hash }) => fromBytes32(hash));
  const fewer = {
    ...parts,
    ...showParts(hashes, {
      outline: parts.outline,
      shown: parts.shown.filter(({ name }) => !hides(name)),
    }),
  };
  return { ...evidence, proof: { ...evidence.proof, parts: fewer } };
}
