import type { PresentConsentsInput } from '../../../src/consent/base/model.js';
import type { GateOptions } from '../../../src/consent/gate/gate.js';
import { DomainError } from '../../../src/core/errors.js';
import { LAKESHORE, OTHER_STUDY } from '../names.js';
import { asInput, DAY, dateOf, now, type Session, type Shown, snapshotOf } from './gate-fixture.js';

/** What a good presentation is changed from, and another requester's key. */
export interface Attack {
  readonly shown: Shown<PresentConsentsInput>;
  readonly stranger: Session;
}

/** Position of each public signal, for the attacker who changes one. */
const [ROOT, REQUEST, AS_OF, HOLDER] = [0, 3, 4, 5];
export const NYM = 1;
export const HANDLE = 2;

export function withSignal(
  shown: Shown<PresentConsentsInput>,
  position: number,
  text: string,
): Partial<PresentConsentsInput> {
  const publicSignals = shown.proven.publicSignals.with(position, text);
  return { proofs: [{ ...asInput(shown.proven), publicSignals }] };
}

export function signal({ proven }: Shown<PresentConsentsInput>, position: number): bigint {
  return BigInt(proven.publicSignals[position] ?? 0);
}

function withProof(
  shown: Shown<PresentConsentsInput>,
  change: object,
): Partial<PresentConsentsInput> {
  const { proof, publicSignals } = shown.proven;
  return { proofs: [{ proof: { ...proof, ...change }, publicSignals }] };
}

export interface GateRefusal {
  readonly why: string;
  readonly code: string;
  readonly input?: (attack: Attack) => Partial<PresentConsentsInput>;
  readonly gate?: (attack: Attack) => Partial<GateOptions> & { readonly at?: number };
}

export const unknownRoot = 12345n;
export const GATE_REFUSALS: readonly GateRefusal[] = [
  // Shape and canonical form
  {
    why: 'five public signals',
    code: 'PROOF_MALFORMED',
    input: ({ shown }) => ({
      proofs: [{ ...asInput(shown.proven), publicSignals: shown.proven.publicSignals.slice(1) }],
    }),
  },
  {
    why: 'a signal with a leading zero, a second replay key of one statement',
    code: 'FIELD_OUT_OF_RANGE',
    input: ({ shown }) => withSignal(shown, NYM, `0${signal(shown, NYM)}`),
  },
  {
    why: 'a signal of the field order and more',
    code: 'FIELD_OUT_OF_RANGE',
    input: ({ shown }) => withSignal(shown, NYM, '9'.repeat(77)),
  },
  {
    why: 'a member too many in the proof',
    code: 'PROOF_MALFORMED',
    input: ({ shown }) => withProof(shown, { x: 1 }),
  },
  // Root
  {
    why: 'a root that was never anchored',
    code: 'ROOT_UNKNOWN',
    gate: () => ({ snapshot: () => snapshotOf({ root: unknownRoot, anchoredAt: now }) }),
  },
  {
    why: 'a changed root',
    code: 'ROOT_UNKNOWN',
    input: ({ shown }) => withSignal(shown, ROOT, (signal(shown, ROOT) + 1n).toString()),
  },
  {
    why: 'a root superseded a second more than seven days ago',
    code: 'ROOT_STALE',
    gate: ({ shown }) => ({
      snapshot: () =>
        snapshotOf(
          { root: shown.root, anchoredAt: now - 9 * DAY },
          { root: unknownRoot, anchoredAt: now - 7 * DAY - 1 },
        ),
    }),
  },
  // Ledger and feed
  {
    why: 'a ledger that cannot be read',
    code: 'LEDGER_UNAVAILABLE',
    gate: () => ({
      snapshot: () => {
        throw new DomainError('LEDGER_UNAVAILABLE');
      },
    }),
  },
  {
    why: "an institution's feed behind what it anchored",
    code: 'FEED_GAP',
    gate: () => ({
      feed: {
        requireComplete: () => {
          throw new DomainError('FEED_GAP');
        },
      },
    }),
  },
  // Time
  { why: 'a proof 61 s ahead', code: 'PROOF_FROM_FUTURE', gate: () => ({ at: now - 61 }) },
  {
    why: 'a time beyond all clocks',
    code: 'PROOF_FROM_FUTURE',
    input: ({ shown }) => withSignal(shown, AS_OF, (2n ** 200n).toString()),
  },
  { why: 'a proof a second too old', code: 'PROOF_TOO_OLD', gate: () => ({ at: now + DAY + 1 }) },
  {
    why: 'an expiry a second beyond seven days',
    code: 'EXPIRY_TOO_FAR',
    input: () => ({ expires: dateOf(now + 7 * DAY + 1) }),
  },
  {
    why: 'an expiry that is now',
    code: 'CONSENT_EXPIRED',
    input: () => ({ expires: dateOf(now) }),
  },
  // The plaintext
  { why: 'a study nobody knows', code: 'STUDY_UNKNOWN', input: () => ({ study: 'NCT99999999' }) },
  { why: 'a study whose id is none', code: 'ID_MALFORMED', input: () => ({ study: 'no id!' }) },
  { why: 'another study', code: 'REQUEST_MISMATCH', input: () => ({ study: OTHER_STUDY }) },
  { why: 'no purpose', code: 'PURPOSE_MISSING', input: () => ({ purpose: null }) },
  { why: 'another purpose', code: 'PURPOSE_MISMATCH', input: () => ({ purpose: 'HRESCH' }) },
  {
    why: 'another purpose and another scope at once',
    code: 'REQUEST_MISMATCH',
    input: () => ({ purpose: 'HRESCH', dataClasses: ['CONDITION'] }),
  },
  {
    why: 'two purposes at once',
    code: 'BAD_INPUT',
    input: () => ({ purpose: ['CLINTRCH', 'HRESCH'] as never }),
  },
  { why: 'no data class', code: 'DATA_CLASS_MISSING', input: () => ({ dataClasses: [] }) },
  {
    why: 'a data class more than was proven',
    code: 'REQUEST_MISMATCH',
    input: () => ({ dataClasses: ['OBSERVATION', 'CONDITION'] }),
  },
  { why: 'a label not proven', code: 'REQUEST_MISMATCH', input: () => ({ labels: ['HIV'] }) },
  { why: 'a duty not acknowledged', code: 'REQUEST_MISMATCH', input: () => ({ duties: ['IRB'] }) },
  {
    why: 'a wider data window',
    code: 'REQUEST_MISMATCH',
    input: () => ({ dataWindow: { from: dateOf(0), until: dateOf(now) } }),
  },
  {
    why: 'a data window without a moment in it',
    code: 'PERIOD_EMPTY',
    input: () => ({ dataWindow: { from: dateOf(now), until: dateOf(now) } }),
  },
  {
    why: 'a time before 1900',
    code: 'TIME_OUT_OF_RANGE',
    input: () => ({ dataWindow: { from: new Date('1899-01-01'), until: dateOf(now) } }),
  },
  {
    why: 'another institution addressed',
    code: 'NOT_FOR_THIS_INSTITUTION',
    input: () => ({ institution: LAKESHORE }),
  },
  {
    why: 'every institution addressed by a proof for one',
    code: 'REQUEST_MISMATCH',
    input: () => ({ institution: null }),
  },
  {
    why: 'a request hash of the attacker',
    code: 'REQUEST_MISMATCH',
    input: ({ shown }) => withSignal(shown, REQUEST, '1'),
  },
  {
    why: "another holder's key",
    code: 'HOLDER_MISMATCH',
    input: ({ stranger }) => ({ holder: stranger.publicJwk }),
  },
  {
    why: 'a private key as holder',
    code: 'BAD_INPUT',
    input: ({ shown }) => ({ holder: shown.session.privateJwk }),
  },
  // The proof
  {
    why: 'a changed pseudonym',
    code: 'PROOF_INVALID',
    input: ({ shown }) => withSignal(shown, NYM, (signal(shown, NYM) + 1n).toString()),
  },
  {
    why: 'a changed handle, which would dodge its withdrawal',
    code: 'PROOF_INVALID',
    input: ({ shown }) => withSignal(shown, HANDLE, (signal(shown, HANDLE) + 1n).toString()),
  },
  {
    why: 'a fresher asOf than was proven',
    code: 'PROOF_INVALID',
    input: ({ shown }) => withSignal(shown, AS_OF, (signal(shown, AS_OF) + 1n).toString()),
  },
  {
    why: "another holder's key, and its field as signal",
    code: 'PROOF_INVALID',
    input: ({ shown, stranger }) => ({
      ...withSignal(shown, HOLDER, stranger.holder.field.toString()),
      holder: stranger.publicJwk,
    }),
  },
  {
    why: 'two points of the proof exchanged',
    code: 'PROOF_INVALID',
    input: ({ shown }) =>
      withProof(shown, { pi_a: shown.proven.proof.pi_c, pi_c: shown.proven.proof.pi_a }),
  },
];
