import { DomainError, invariant } from '../../core/errors.js';
import type { Path } from '../../core/fair/fair-queue.js';
import { FairTurns } from '../../core/fair/fair-turns.js';
import type { StudyId } from '../../core/ids.js';
import type { LedgerSnapshot } from '../../ledger/watch/snapshot.js';
import type { Outcome, PresentAccreditationInput, PresentConsentsInput } from '../base/model.js';
import { canRefuse, type RefusalError } from '../base/refusal-code.js';
import { requireStudy } from '../registration/study.js';
import { readAccreditationRequest } from './accreditation-request.js';
import type { Caller } from './authenticate.js';
import { readConsentRequest } from './consent-request.js';
import { holderOf } from './holder-key.js';
import { type Judged, judgeProofs, refuseAll, requireProofCount } from './judge.js';
import { createLiveReader } from './live-presentations.js';
import { openPermits } from './open.js';
import { GATE_PARAMETERS, type GateParameters } from './parameters.js';
import type { PermitSet } from './permit.js';
import { storePresentations } from './presentations.js';
import type { Asked, ReadRequest } from './request.js';
import type { GateSetting } from './setting.js';

/** How many presentations are read at once, and how many may wait. */
const TURNS = { atOnce: 2, waiting: 2_000, waitingOfCaller: 64 };

/** What the gate of one node needs; by default with the network's parameters. */
export type GateOptions = Omit<GateSetting, 'parameters' | 'turns'> & {
  readonly parameters?: Partial<GateParameters>;
};

/** One node's gate: nothing else makes a permit, so no row leaves without it. */
export interface Gate {
  /**
   * Judges each proof by itself and keeps those that hold.
   *
   * @param opened - the request that presents them; verification takes this caller's turns.
   * @throws DomainError BAD_INPUT or INPUT_TOO_LARGE unless there are 1 to 1,000 proofs; all else
   * is refused by index.
   */
  presentConsents(input: PresentConsentsInput, opened?: PermitSet): Promise<Outcome>;
  /** The same for accreditations. */
  presentAccreditation(input: PresentAccreditationInput, opened?: PermitSet): Promise<Outcome>;
  /**
   * What a holder's presentations open now.
   *
   * @param caller - its holder comes from a verified token; without one nothing is opened.
   */
  open(caller: Caller): Promise<PermitSet>;
}

/** Makes the gate of one institution's node. */
export function createGate(options: GateOptions): Gate {
  const parameters = { ...GATE_PARAMETERS, ...options.parameters };
  const setting: GateSetting = { ...options, parameters, turns: new FairTurns(TURNS) };
  const readLive = createLiveReader(options.db);
  return {
    presentConsents: (input, opened) => present(setting, readConsentRequest, { input, opened }),
    presentAccreditation: (input, opened) =>
      present(setting, readAccreditationRequest, { input, opened }),
    open: (caller) => openPermits(setting, readLive, caller),
  };
}

/** What is presented, and by whom. */
interface Showing {
  readonly input: { readonly proofs: unknown; readonly holder?: unknown };
  readonly opened: PermitSet | undefined;
}

async function present(
  setting: GateSetting,
  read: ReadRequest,
  showing: Showing,
): Promise<Outcome> {
  const { accepted, refused } = await judgeInTurn(setting, read, showing);
  const { institution } = setting;
  return { institution, status: 'OK', accepted: accepted.length, refused, held: [], signed: null };
}

async function judgeInTurn(
  setting: GateSetting,
  read: ReadRequest,
  { input, opened }: Showing,
): Promise<Judged> {
  const limitMs = setting.parameters.verifyingSeconds * 1_000;
  const proofs = requireProofCount(input.proofs);
  const caller = await callerOf(opened, input.holder);
  // Reading costs the database as much as verifying does a thread: callers take turns for both.
  const turn = await setting.turns.begin(caller).catch(refusalOrThrow);
  if (turn instanceof DomainError) return refuseAll(proofs, turn.code);
  try {
    const request = await readRequest(setting, read, input);
    // A fault of the request itself is a fault of every proof in it.
    if (request instanceof DomainError) return refuseAll(proofs, request.code);
    const { asked } = request;
    const judged = await judgeProofs(proofs, {
      ...request,
      setting,
      verify: (shown) => {
        turn();
        const isProven = opened?.holder !== undefined;
        return setting.verify(asked.statement, shown, { limitMs, caller, isProven });
      },
    });
    await keep(setting, request, judged);
    return judged;
  } finally {
    turn();
  }
}

/** Stores what was accepted, with epochs from the same snapshot that accepted the roots. */
async function keep(
  { db, clock, parameters }: GateSetting,
  { asked, snapshot }: ReadRequestNow,
  { accepted }: Judged,
): Promise<void> {
  if (accepted.length === 0) return;
  const plaintext = asked.plaintext(parameters, clock.nowSeconds());
  const epochOf = (root: bigint) => {
    const epoch = snapshot.epochOf(root);
    invariant(epoch !== undefined, 'an accepted root has an epoch');
    return epoch;
  };
  await db.transaction((tx) => storePresentations(tx, accepted, plaintext, epochOf));
}

/**
 * Whose turns a presentation takes: the gateway's, and within it the holder's. A verified token
 * proves the holder. Without one, the holder is only claimed by the proofs: such callers take turns
 * separately, so that nobody can use up another's turns by naming them, and their history is not
 * counted.
 */
async function callerOf(opened: PermitSet | undefined, shownFor: unknown): Promise<Path> {
  const { holder, gateway = 'none' } = opened ?? {};
  if (holder !== undefined) return [gateway, 'token', holder.thumbprint];
  const shown = await holderOf(shownFor).catch(refusalOrThrow);
  return [gateway, 'shown', shown instanceof DomainError ? shown.code : shown.thumbprint];
}

/** Only a DomainError is a refusal: our own faults are still thrown. */
function refusalOrThrow(thrown: unknown): RefusalError {
  if (canRefuse(thrown)) return thrown;
  throw thrown;
}

/** A parsed request, and the inputs of the checks. */
interface ReadRequestNow {
  readonly asked: Asked;
  readonly now: number;
  readonly snapshot: LedgerSnapshot;
}

async function readRequest(
  { db, institution, snapshot, clock }: GateSetting,
  read: ReadRequest,
  input: unknown,
): Promise<ReadRequestNow | RefusalError> {
  const studyField = (study: StudyId) =>
    db.transaction(async (tx) => (await requireStudy(tx, study)).field, 'read');
  try {
    const asked = await read(input, { institution, studyField });
    return { asked, now: clock.nowSeconds(), snapshot: snapshot() };
  } catch (thrown) {
    return refusalOrThrow(thrown);
  }
}
