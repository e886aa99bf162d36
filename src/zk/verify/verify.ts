import type { Worker } from 'node:worker_threads';
import { DomainError, invariant } from '../../core/errors.js';
import type { Path } from '../../core/fair/fair-queue.js';
import { ARTIFACTS, type KeyPolicy, loadVerificationKey } from '../artifacts.js';
import { type Signals, STATEMENTS, type Statement } from '../statement.js';
import type { NamedKey } from './messages.js';
import { packProof, type ReadProof } from './packed-proof.js';
import { type PoolHealth, VerifyingPool } from './pool.js';
import type { ProofDecision } from './presentation.js';
import { readShown, type ShownProof } from './verify-batch.js';

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

/** The limits of a verification. */
export interface VerifyingLimits {
  /** Milliseconds, with the wait for other verifications included. */
  readonly limitMs?: number;
  /** Who shows the proofs: a gateway and a holder, for example. Callers take turns. */
  readonly caller?: Path;
  /** Whether the caller is authenticated; false by default. Only then is its history counted. */
  readonly isProven?: boolean;
}

const DEFAULT_LIMIT_MS = 60_000;
const NO_CALLER: Path = ['', '', ''];
/** Proofs that are read in one turn of the event loop: 3 ms. */
const READ_AT_ONCE = 100;

const keys = new Map<Statement, NamedKey>();

/** One for the process: the nodes of a pilot share it. Its threads start when keys are loaded. */
const pool = new VerifyingPool();

/** The task of the verifying threads. */
export function verifyingHealth(): PoolHealth {
  return pool.health;
}

/** The threads that verify, as Node has them: a test ends one. */
export function verifyingWorkers(): readonly Worker[] {
  return pool.workers;
}

/**
 * Loads and checks the verification keys, in a thread that keeps the curve; once, at start, before
 * anything is verified.
 *
 * @param artifacts - the folder of the keys and their manifest; this package's own unless given.
 * @returns the SHA-256 of each statement's verification key file, as hex, to be published.
 * @throws ARTIFACT_MISMATCH, DEVELOPMENT_KEYS_REFUSED, FILE_UNREADABLE, VERIFIER_FAILED
 */
export async function loadStatements(
  policy: KeyPolicy,
  artifacts: URL = ARTIFACTS,
): Promise<Readonly<Record<Statement, string>>> {
  const loaded = await Promise.all(
    STATEMENTS.map(async (statement) => {
      const key = await loadVerificationKey(statement, policy, artifacts);
      if (!(await pool.load(key))) throw new DomainError('ARTIFACT_MISMATCH', { statement });
      return { statement, key };
    }),
  );
  for (const { statement, key } of loaded) keys.set(statement, key);
  return Object.fromEntries(loaded.map((one) => [one.statement, one.key.sha256])) as Record<
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
 * It decides only that the statement holds for these signals. The gate decides whether the root is
 * accepted, the request is the one asked, and the time is current.
 *
 * @param publicSignals - canonical decimals, in the order of PUBLIC_SIGNALS.
 * @param proof - anything; only snarkjs's exact JSON form is read.
 * @throws PROOF_MALFORMED, FIELD_OUT_OF_RANGE, PROOF_INVALID, VERIFYING_TIMEOUT, RATE_LIMITED,
 * VERIFIER_FAILED; nothing is returned that could be ignored.
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
 * Verifies many proofs of one statement, from a wire: half of the time that they take one by one.
 *
 * @returns in the order shown, each as verifyStatement would return or throw it; none depends on
 * another. VERIFYING_TIMEOUT and RATE_LIMITED depend on how many this caller shows, VERIFIER_FAILED
 * on nothing that it does.
 */
export async function verifyStatements(
  statement: Statement,
  shown: readonly ShownProof[],
  { limitMs = DEFAULT_LIMIT_MS, caller = NO_CALLER, isProven = false }: VerifyingLimits = {},
): Promise<readonly Verdict[]> {
  const key = keys.get(statement);
  invariant(key !== undefined, 'loadStatements ran before anything is verified');
  const read = await readAll(shown);
  const readable = read.flatMap((one) => (one instanceof DomainError ? [] : [one]));
  const decisions = await pool.judge(key, readable.map(packProof), { caller, isProven, limitMs });
  let next = 0;
  return read.map((one) => {
    if (one instanceof DomainError) return one;
    const decision = decisions[next];
    next += 1;
    return verdictOf({ statement, keyHash: key.sha256 }, one, decision);
  });
}

async function readAll(
  shown: readonly ShownProof[],
): Promise<readonly (ReadProof | DomainError)[]> {
  const read: (ReadProof | DomainError)[] = [];
  for (let first = 0; first < shown.length; first += READ_AT_ONCE) {
    if (first > 0) await new Promise((resume) => setImmediate(resume));
    read.push(...shown.slice(first, first + READ_AT_ONCE).map(readShown));
  }
  return read;
}

/** Only this one verdict makes a verified statement: any other answer of the pool is a refusal. */
function verdictOf(
  under: { readonly statement: Statement; readonly keyHash: string },
  { signals }: ReadProof,
  decision: ProofDecision | undefined,
): Verdict {
  if (decision === 'HOLDS') return new Verified(DOOR, under, signals);
  const isFault = decision === undefined || decision === 'VERIFIER_FAILED';
  return isFault
    ? new DomainError('VERIFIER_FAILED', {}, pool.lastFault)
    : new DomainError(decision);
}

/** Whether this module made it: rejects at run time what a cast got past the compiler. */
export function isVerifiedStatement(value: unknown): value is VerifiedStatement {
  return Verified.isMinted(value);
}
