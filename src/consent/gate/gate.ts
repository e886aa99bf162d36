import { DomainError, invariant, isRefusal } from '../../core/errors.js';
import type { StudyId } from '../../core/ids.js';
import { isWithdrawn } from '../feed/store.js';
import type { Outcome, PresentAccreditationInput, PresentConsentsInput } from '../model.js';
import { requireStudy } from '../register/study.js';
import { ACCREDITATION_PRESENTATION } from './accreditation.js';
import type { Caller } from './authenticate.js';
import { type JudgedBatch, judgeBatch, refuseAll, requireProofCount } from './batch.js';
import { CONSENT_PRESENTATION } from './consent.js';
import type { GateSetting, Moment, PresentationKind } from './kind.js';
import { createLiveReader } from './live-presentations.js';
import { openPermits } from './open.js';
import { GATE_PARAMETERS, type GateParameters } from './parameters.js';
import type { PermitSet } from './permit.js';
import { storePresentations } from './presentations.js';

/** What the gate of one node decides with; the parameters of the network unless given others. */
export type GateOptions = Omit<GateSetting, 'parameters'> & {
  readonly parameters?: Partial<GateParameters>;
};

/** One node's gate: nothing else makes a permit, so no row leaves without it. */
export interface Gate {
  /**
   * Judges each proof by itself and keeps those that hold.
   *
   * @throws DomainError BAD_INPUT or INPUT_TOO_LARGE unless there are 1 to 1,000 proofs; all else
   * is refused by index.
   */
  presentConsents(input: PresentConsentsInput): Promise<Outcome>;
  /** The same for accreditations. */
  presentAccreditation(input: PresentAccreditationInput): Promise<Outcome>;
  /**
   * What a holder's presentations open now.
   *
   * @param caller - its holder is of a token that was verified; without one nothing is opened.
   */
  open(caller: Caller): Promise<PermitSet>;
}

/** Makes the gate of one institution's node. */
export function createGate(options: GateOptions): Gate {
  const parameters = { ...GATE_PARAMETERS, ...options.parameters };
  const setting: GateSetting = { ...options, parameters };
  const readLive = createLiveReader(options.db);
  return {
    presentConsents: (input) => present(setting, CONSENT_PRESENTATION, input),
    presentAccreditation: (input) => present(setting, ACCREDITATION_PRESENTATION, input),
    open: (caller) => openPermits(setting, readLive, caller),
  };
}

async function present<Asked>(
  setting: GateSetting,
  kind: PresentationKind<Asked>,
  input: { readonly proofs: unknown },
): Promise<Outcome> {
  const { accepted, refused } = await judge(setting, kind, input);
  const { institution } = setting;
  return { institution, status: 'OK', accepted: accepted.length, refused, held: [], signed: null };
}

async function judge<Asked>(
  setting: GateSetting,
  kind: PresentationKind<Asked>,
  input: { readonly proofs: unknown },
): Promise<JudgedBatch> {
  const { db, clock } = setting;
  const limitMs = setting.parameters.verifyingSeconds * 1_000;
  const proofs = requireProofCount(input.proofs);
  const request = await readRequest(setting, kind, input);
  // What is wrong with the request itself is wrong with every proof of it.
  if (request instanceof DomainError) return refuseAll(proofs, request.code);
  const { asked, moment } = request;
  const judged = await judgeBatch(
    proofs,
    {
      requireSignals: (signals) => kind.requireSignals(setting, asked, signals, moment),
      withdrawnAmong: async (handles) =>
        kind.isWithdrawable ? db.transaction((tx) => isWithdrawn(tx, handles), 'read') : new Set(),
      verify: (shown) => setting.verify(kind.statement, shown, { limitMs }),
    },
    setting.log,
  );
  if (judged.accepted.length > 0) {
    const plaintext = kind.plaintext(setting, asked, clock.nowSeconds());
    const epochOf = epochsAt(moment);
    await db.transaction((tx) => storePresentations(tx, judged.accepted, plaintext, epochOf));
  }
  return judged;
}

/** By the very snapshot that the roots were accepted by. */
function epochsAt({ snapshot }: Moment): (root: bigint) => number {
  return (root) => {
    const epoch = snapshot.epochOf(root);
    invariant(epoch !== undefined, 'an accepted root has an epoch');
    return epoch;
  };
}

async function readRequest<Asked>(
  { db, institution, snapshot, clock }: GateSetting,
  kind: PresentationKind<Asked>,
  input: unknown,
): Promise<{ readonly asked: Asked; readonly moment: Moment } | DomainError> {
  const studyField = (study: StudyId) =>
    db.transaction(async (tx) => (await requireStudy(tx, study)).field, 'read');
  try {
    const asked = await kind.read(input, { institution, studyField });
    return { asked, moment: { now: clock.nowSeconds(), snapshot: snapshot() } };
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown;
    throw thrown;
  }
}
