import { DomainError, invariant } from '../core/errors.js';
import { ARTIFACTS, type KeyPolicy, loadVerificationKey } from './artifacts.js';
import { verifyingCurve } from './curve.js';
import { type PairingKey, pairingKeyOf } from './pairing-key.js';
import { type Signals, STATEMENTS, type Statement } from './statement.js';
import { requireVerificationKey } from './verification-key.js';
import { judgeProofs, type ShownProof } from './verify-batch.js';
import { VerifyingTime } from './verify-time.js';

/**
 * In no other module's reach, so that no other makes a Verified, even by an instance's
 * `constructor`.
 */
const DOOR = Symbol('this module');

class Verified {
  readonly #isMinted = true;
  readonly statement: Statement;
  readonly signals: Signals;
  /** SHA-256 of the file of the verification key that it was verified with, as hex. */
  readonly keyHash: string;

  constructor(
    door: symbol,
    { statement, keyHash }: { readonly statement: Statement; readonly keyHash: string },
    signals: Signals,
  ) {
    invariant(door === DOOR, 'only the verifier makes a verified statement');
    this.statement = statement;
    this.keyHash = keyHash;
    this.signals = Object.freeze({ ...signals });
    Object.freeze(this);
  }

  static isMinted(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #isMinted in value && value.#isMinted;
  }
}

/** A statement that this process checked: only this module makes one, and nobody can change it. */
export type VerifiedStatement = Verified;

/** What became of one of many proofs. */
export type Verdict = VerifiedStatement | DomainError;

/** What a verification may take. */
export interface VerifyingLimits {
  /** Milliseconds, with the wait for other verifications included. */
  readonly limitMs?: number;
}

const DEFAULT_LIMIT_MS = 60_000;

const keys = new Map<Statement, { readonly key: PairingKey; readonly sha256: string }>();

/**
 * Loads and checks the verification keys and the curve; once, at start, before anything is
 * verified.
 *
 * @param artifacts - the folder of the keys and their manifest; this package's own unless given.
 * @returns the SHA-256 of each statement's verification key file, as hex, to be published.
 * @throws ARTIFACT_MISMATCH, DEVELOPMENT_KEYS_REFUSED, FILE_UNREADABLE
 */
export async function loadStatements(
  policy: KeyPolicy,
  artifacts: URL = ARTIFACTS,
): Promise<Readonly<Record<Statement, string>>> {
  const curve = await verifyingCurve();
  const loaded = await Promise.all(
    STATEMENTS.map(async (statement) => {
      const { json, sha256 } = await loadVerificationKey(statement, policy, artifacts);
      return { statement, key: pairingKeyOf(curve, requireVerificationKey(curve, json)), sha256 };
    }),
  );
  for (const { statement, key, sha256 } of loaded) keys.set(statement, { key, sha256 });
  return Object.fromEntries(loaded.map((one) => [one.statement, one.sha256])) as Record<
    Statement,
    string
  >;
}

/**
 * Whether a verification key may be relied on now: what was verified with another proves nothing any
 * more, since a key is replaced where it can no longer be trusted.
 *
 * @param keyHash - as a verified statement remembers it. In force is the key that is loaded.
 */
export function isKeyInForce(statement: Statement, keyHash: string): boolean {
  return keys.get(statement)?.sha256 === keyHash;
}

/**
 * Verifies a proof of a statement, from a wire.
 *
 * It says only that the statement holds for these signals: whether the root is accepted, the
 * request is the one asked and the time is now is for the gate to say.
 *
 * @param publicSignals - canonical decimals, in the order of PUBLIC_SIGNALS.
 * @param proof - anything; only snarkjs's exact JSON form is read.
 * @throws PROOF_MALFORMED, FIELD_OUT_OF_RANGE, PROOF_INVALID, VERIFYING_TIMEOUT; nothing is
 * returned that could be ignored.
 */
export async function verifyStatement(
  statement: Statement,
  publicSignals: readonly string[],
  proof: unknown,
  limits: VerifyingLimits = {},
): Promise<VerifiedStatement> {
  const [verdict] = await verifyStatements(statement, [{ publicSignals, proof }], limits);
  if (verdict instanceof Verified) return verdict;
  throw verdict ?? new DomainError('PROOF_INVALID', { statement });
}

/**
 * Verifies many proofs of one statement, from a wire: a third of the time that they take one by
 * one.
 *
 * @returns in the order shown, each as verifyStatement would return or throw it; none hangs on
 * another. Only VERIFYING_TIMEOUT depends on how many there are.
 */
export async function verifyStatements(
  statement: Statement,
  shown: readonly ShownProof[],
  { limitMs = DEFAULT_LIMIT_MS }: VerifyingLimits = {},
): Promise<readonly Verdict[]> {
  const loaded = keys.get(statement);
  invariant(loaded !== undefined, 'loadStatements ran before anything is verified');
  const { key, sha256: keyHash } = loaded;
  const curve = await verifyingCurve();
  const judged = await judgeProofs({ curve, key }, shown, new VerifyingTime(limitMs));
  return judged.map((judgement) =>
    judgement instanceof DomainError
      ? judgement
      : new Verified(DOOR, { statement, keyHash }, judgement),
  );
}

/** Whether this module made it: what a cast got past the compiler, this does not let past. */
export function isVerifiedStatement(value: unknown): value is VerifiedStatement {
  return Verified.isMinted(value);
}
