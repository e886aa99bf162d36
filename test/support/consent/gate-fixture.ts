import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type {
  PresentAccreditationInput,
  PresentConsentsInput,
} from '../../../src/consent/base/model.js';
import { createGate, type Gate, type GateOptions } from '../../../src/consent/gate/gate.js';
import { type Holder, holderOf } from '../../../src/consent/gate/holder-key.js';
import { addStudy } from '../../../src/consent/registration/study.js';
import { clockOf } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { type Seconds, unixMsFromSeconds } from '../../../src/core/time.js';
import { RootHistory } from '../../../src/ledger/watch/root-history.js';
import { LedgerSnapshot } from '../../../src/ledger/watch/snapshot.js';
import type { Database } from '../../../src/store/database.js';
import { fieldOf } from '../../../src/zk/arithmetic/field.js';
import { accreditationLeaf } from '../../../src/zk/leaf.js';
import type { ProvenStatement } from '../../../src/zk/prove.js';
import { parseSignals } from '../../../src/zk/statement.js';
import { isKeyInForce, loadStatements, verifyStatements } from '../../../src/zk/verify/verify.js';
import type { AccreditationWitness, ConsentWitness } from '../../../src/zk/witness.js';
import { decidedOf } from '../ledger/decided.js';
import { OTHER_STUDY, RIVERSIDE, STUDY } from '../names.js';
import { accreditationWitness, consentWitness, NOW, register } from '../zk/sample.js';
import { pinnedProofs, type ShownStatement } from './pinned-proofs.js';

/** The sample's moment, from which every test moves its clock. */
export const now: Seconds = Number(NOW);
export const DAY = 86_400;
export const PARTY = 'payer-0001';

export const KEYS = { production: false, allowDevelopmentKeys: true };

/** A requester's session key, as it stands on both sides. */
export interface Session {
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly holder: Holder;
}

export async function makeSession(): Promise<Session> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return sessionOf(await exportJWK(privateKey));
}

async function sessionOf(privateJwk: JWK): Promise<Session> {
  const { kty, crv, x, y } = privateJwk;
  const publicJwk = { kty, crv, x, y } as JWK;
  return { publicJwk, privateJwk, holder: await holderOf(publicJwk) };
}

/** A statement proven at full size for a session, and the plaintext that it was proven for. */
export interface Shown<Input> {
  readonly session: Session;
  readonly proven: ProvenStatement;
  readonly root: bigint;
  readonly input: Input;
}

/** What the pinned proofs were proven for, but for their holder. */
export function consentToShow(at: 'one hospital' | 'every hospital'): ConsentWitness {
  const sample = consentWitness();
  if (at === 'one hospital') return sample;
  return { ...sample, asked: { ...sample.asked, institution: 0n } };
}

export function accreditationToShow(): AccreditationWitness {
  const party = fieldOf(PARTY);
  const accreditation = { ...accreditationWitness.accreditation, party };
  return {
    ...accreditationWitness,
    accreditation,
    asked: { ...accreditationWitness.asked, role: 'PAYER' as const, party },
    path: register(accreditationLeaf(accreditation)),
  };
}

/** One consent that was proven. It asks riverside by name, or every institution. */
export async function showConsent(
  at: 'one hospital' | 'every hospital' = 'one hospital',
): Promise<Shown<PresentConsentsInput>> {
  const { dataWindow, expires } = consentToShow(at).asked;
  return show(at, (session, proven) => ({
    study: STUDY,
    purpose: 'CLINTRCH',
    dataClasses: ['OBSERVATION'],
    duties: ['IRB', 'NO_REDISCLOSURE', 'NPU'],
    dataWindow: { from: dateOf(Number(dataWindow.from)), until: dateOf(Number(dataWindow.until)) },
    institution: at === 'one hospital' ? RIVERSIDE : null,
    expires: dateOf(Number(expires)),
    holder: session.publicJwk,
    proofs: [asInput(proven)],
  }));
}

/** One accreditation of a payer with its party. */
export async function showAccreditation(): Promise<Shown<PresentAccreditationInput>> {
  return show('payer', (session, proven) => ({
    role: 'PAYER',
    study: STUDY,
    party: PARTY,
    holder: session.publicJwk,
    proofs: [asInput(proven)],
  }));
}

async function show<Input>(
  name: ShownStatement,
  inputOf: (session: Session, proven: ProvenStatement) => Input,
): Promise<Shown<Input>> {
  await loadStatements(KEYS);
  const pinned = pinnedProofs();
  const session = await sessionOf(pinned.session);
  const proven = pinned.proofs[name];
  const { root } = parseSignals(proven.publicSignals);
  return { session, proven, root, input: inputOf(session, proven) };
}

export function asInput({ proof, publicSignals }: ProvenStatement) {
  return { proof: { ...proof }, publicSignals };
}

export function dateOf(seconds: Seconds): Date {
  return new Date(unixMsFromSeconds(seconds));
}

/** A snapshot of a ledger that anchored these roots, oldest first. */
export function snapshotOf(
  ...roots: readonly { readonly root: bigint; readonly anchoredAt: Seconds }[]
): LedgerSnapshot {
  return new LedgerSnapshot({
    chainId: 31337,
    contract: '0x0000000000000000000000000000000000000001',
    blockNumber: 1,
    blockHash: '0x01',
    blockAtMs: 0,
    readAtMs: 0,
    institutions: [],
    roots: new RootHistory(1, roots),
    decided: decidedOf(),
  });
}

/** A gate whose surroundings a test may choose. */
export function gateAt(
  db: Database,
  root: bigint,
  given: Partial<GateOptions> & { readonly at?: Seconds } = {},
): Gate {
  const { at = now, ...options } = given;
  return createGate({
    db,
    institution: RIVERSIDE,
    snapshot: () => snapshotOf({ root, anchoredAt: now - 3_600 }),
    feed: { requireComplete: () => undefined },
    verify: verifyStatements,
    isKeyInForce,
    clock: clockOf(() => unixMsFromSeconds(at)),
    ...options,
  });
}

export async function knowStudies(db: Database): Promise<void> {
  const sponsor = toInstitutionId('northwind-trials');
  for (const id of [STUDY, OTHER_STUDY]) {
    const given = { network: 'pilot', id, sponsor, title: 'A study' };
    await db.transaction((tx) => addStudy(tx, given));
  }
}
