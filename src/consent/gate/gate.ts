import { DomainError, invariant } from '../../core/errors.js';
import type { Path } from '../../core/fair/fair-queue.js';
import { FairTurns } from '../../core/fair/fair-turns.js';
import type { StudyId } from '../../core/ids.js';
import type { Outcome, PresentAccreditationInput, PresentConsentsInput } from '../base/model.js';
import { canRefuse, type RefusalError } from '../base/refusal-code.js';
import { isWithdrawn } from '../feed/store.js';
import { requireStudy } from '../registration/study.js';
import { ACCREDITATION_PRESENTATION } from './accreditation.js';
import type { Caller } from './authenticate.js';
import { type JudgedBatch, judgeBatch, refuseAll, requireProofCount } from './batch.js';
import { CONSENT_PRESENTATION } from './consent.js';
import { holderOf } from './holder-key.js';
import type { GateSetting, Moment, PresentationKind } from './kind.js';
import { createLiveReader } from './live-presentations.js';
import { openPermits } from './open.js';
import { GATE_PARAMETERS, type GateParameters } from './parameters.js';
import type { PermitSet } from './permit.js';
import { storePresentations } from './presentations.js';

/** Presentations whose requests are read at once, and those that may wait for it. */
const TURNS = { atOnce: 2, waiting: 2_000, waitingOfCaller: 64 };

/** What the gate of one node decides with; the parameters of the network unless given others. */
export type GateOptions = Omit<GateSetting, 'parameters' | 'turns'> & {
  readonly parameters?: Partial<GateParameters>;
};

/** One node's gate: nothing else makes a permit, so no row leaves without it. */
export interface Gate {
  /**
   * Judges each proof by itself and keeps those that hold.
   *
   * @param opened - of the request that shows them: whose turns its verification takes.
   * @throws DomainError BAD_INPUT or INPUT_TOO_LARGE unless there are 1 to 1,000 proofs; all else
   * is refused by index.
   */
  presentConsents(input: PresentConsentsInput, opened?: PermitSet): Promise<Outcome>;
  /** The same for accreditations. */
  presentAccreditation(input: PresentAccreditationInput, opened?: PermitSet): Promise<Outcome>;
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
  const setting: GateSetting = { ...options, parameters, turns: new FairTurns(TURNS) };
  const readLive = createLiveReader(options.db);
  return {
    presentConsents: (input, opened) => present(setting, CONSENT_PRESENTATION, { input, opened }),
    presentAccreditation: (input, opened) =>
      present(setting, ACCREDITATION_PRESENTATION, { input, opened }),
    open: (caller) => openPermits(setting, readLive, caller),
  };
}

/** What is shown, and by whom. */
interface Showing {
  readonly input: { readonly proofs: unknown; readonly holder?: unknown };
  readonly opened: PermitSet | undefined;
}

async function present<Asked>(
  setting: GateSetting,
  kind: PresentationKind<Asked>,
  showing: Showing,
): Promise<Outcome> {
  const { accepted, refused } = await judge(setting, kind, showing);
  const { institution } = setting;
  return { institution, status: 'OK', accepted: accepted.length, refused, held: [], signed: null };
}

async function judge<Asked>(
  setting: GateSetting,
  kind: PresentationKind<Asked>,
  { input, opened }: Showing,
): Promise<JudgedBatch> {
  const { db, clock } = setting;
  const limitMs = setting.parameters.verifyingSeconds * 1_000;
  const proofs = requireProofCount(input.proofs);
  const caller = await callerOf(opened, input.holder);
  // Reading costs the database as much as verifying does a thread: callers take turns for both.
  const turn = await setting.turns.begin(caller).catch(refusalOrThrow);
  if (turn instanceof DomainError) return refuseAll(proofs, turn.code);
  try {
    const request = await readRequest(setting, kind, input);
    // What is wrong with the request itself is wrong with every proof of it.
    if (request instanceof DomainError) return refuseAll(proofs, request.code);
    const { asked, moment } = request;
    const judged = await judgeBatch(
      proofs,
      {
        requireSignals: (signals) => kind.requireSignals(setting, asked, signals, moment),
        withdrawnAmong: async (handles) =>
          kind.isWithdrawable && handles.length > 0
            ? db.transaction((tx) => isWithdrawn(tx, handles), 'read')
            : new Set(),
        verify: (shown) => {
          turn();
          const isProven = opened?.holder !== undefined;
          return setting.verify(kind.statement, shown, { limitMs, caller, isProven });
        },
      },
      setting.log,
    );
    if (judged.accepted.length > 0) {
      const plaintext = kind.plaintext(setting, asked, clock.nowSeconds());
      const epochOf = epochsAt(moment);
      await db.transaction((tx) => storePresentations(tx, judged.accepted, plaintext, epochOf));
    }
    return judged;
  } finally {
    turn();
  }
}

/**
 * Whose turns a presentation takes: of the gateway, and there of the holder. A token says for certain
 * who the holder is; without one it is who the proofs are said to be for, and such callers take turns
 * apart, so that nobody fills another's place in another's name. Nor does such a name gain or lose by
 * what was shown under it.
 */
async function callerOf(opened: PermitSet | undefined, shownFor: unknown): Promise<Path> {
  const { holder, gateway = 'none' } = opened ?? {};
  if (holder !== undefined) return [gateway, 'token', holder.thumbprint];
  const shown = await holderOf(shownFor).catch(refusalOrThrow);
  return [gateway, 'shown', shown instanceof DomainError ? shown.code : shown.thumbprint];
}

/** Only a refusal is a refusal: a fault of our own is still thrown. */
function refusalOrThrow(thrown: unknown): RefusalError {
  if (canRefuse(thrown)) return thrown;
  throw thrown;
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
): Promise<{ readonly asked: Asked; readonly moment: Moment } | RefusalError> {
  const studyField = (study: StudyId) =>
    db.transaction(async (tx) => (await requireStudy(tx, study)).field, 'read');
  try {
    const asked = await kind.read(input, { institution, studyField });
    return { asked, moment: { now: clock.nowSeconds(), snapshot: snapshot() } };
  } catch (thrown) {
    return refusalOrThrow(thrown);
  }
}
