import { groth16 } from 'snarkjs';
import { DomainError, invariant } from '../core/errors.js';
import { type KeyPolicy, loadVerificationKey } from './artifacts.js';
import { lendToSnarkjs, verifyingCurve } from './curve.js';
import { parseProof } from './proof.js';
import {
  parseSignals,
  type Signals,
  STATEMENTS,
  type Statement,
  signalsToWire,
} from './statement.js';
import { requireVerificationKey, type VerificationKey } from './verification-key.js';

declare const verified: unique symbol;

/** A statement that this process checked: only verifyStatement makes one. */
export interface VerifiedStatement {
  readonly [verified]: true;
  readonly statement: Statement;
  readonly signals: Signals;
}

const keys = new Map<Statement, VerificationKey>();

/**
 * Loads and checks the verification keys and the curve; once, at start, before anything is verified.
 *
 * @returns the SHA-256 of each statement's verification key file, as hex, to be published.
 * @throws ARTIFACT_MISMATCH, DEVELOPMENT_KEYS_REFUSED, FILE_UNREADABLE
 */
export async function loadStatements(
  policy: KeyPolicy,
): Promise<Readonly<Record<Statement, string>>> {
  const curve = await verifyingCurve();
  const loaded = await Promise.all(
    STATEMENTS.map(async (statement) => {
      const { json, sha256 } = await loadVerificationKey(statement, policy);
      return { statement, key: requireVerificationKey(curve, json), sha256 };
    }),
  );
  for (const { statement, key } of loaded) keys.set(statement, key);
  return Object.fromEntries(loaded.map((one) => [one.statement, one.sha256])) as Record<
    Statement,
    string
  >;
}

/**
 * Verifies a proof of a statement, from a wire.
 *
 * It says only that the statement holds for these signals: whether the root is accepted, the request is the
 * one asked and the time is now is for the gate to say.
 *
 * @param publicSignals - canonical decimals, in the order of PUBLIC_SIGNALS.
 * @param proof - anything; only snarkjs's exact JSON form is read.
 * @throws PROOF_MALFORMED, FIELD_OUT_OF_RANGE, PROOF_INVALID; nothing is returned that could be ignored.
 */
export async function verifyStatement(
  statement: Statement,
  publicSignals: readonly string[],
  proof: unknown,
): Promise<VerifiedStatement> {
  const key = keys.get(statement);
  invariant(key !== undefined, 'loadStatements ran before anything is verified');
  const curve = await verifyingCurve();
  const signals = parseSignals(publicSignals);
  const parsed = parseProof(curve, proof);
  if (!(await holds(curve, key, signals, parsed))) {
    throw new DomainError('PROOF_INVALID', { statement });
  }
  return { statement, signals } as VerifiedStatement;
}

/** Whatever snarkjs throws is a refusal: no input of an attacker may become another kind of answer. */
async function holds(
  curve: Awaited<ReturnType<typeof verifyingCurve>>,
  key: VerificationKey,
  signals: Signals,
  proof: unknown,
): Promise<boolean> {
  try {
    lendToSnarkjs(curve);
    const wire = [...signalsToWire(signals)];
    return (
      (await groth16.verify(key, wire, proof as Parameters<typeof groth16.verify>[2])) === true
    );
  } catch {
    return false;
  }
}
