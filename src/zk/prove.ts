import { groth16 } from 'snarkjs';
import { DomainError } from '../core/errors.js';
import { withProvingCurve } from './arithmetic/curve.js';
import type { ProvingArtifacts } from './artifacts.js';
import { type EligibilityWitness, eligibilityInputs } from './eligibility.js';
import type { Proof } from './proof.js';
import {
  type AccreditationWitness,
  accreditationInputs,
  type CircuitInputs,
  type ConsentWitness,
  consentInputs,
} from './witness.js';

/** What is shown: a proof and what it is a proof of. */
export interface ProvenStatement {
  readonly proof: Proof;
  /** Canonical decimals, in the order of PUBLIC_SIGNALS. */
  readonly publicSignals: readonly string[];
}

export interface ProvingOptions {
  /** Milliseconds after which the caller is answered; the threads finish behind it. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Proves the consent statement: about 3 s and 250 MB on two cores.
 *
 * @throws WITNESS_UNSATISFIED if the consent does not cover the request, naming the circuit's rule;
 * PROVING_TIMEOUT; FIELD_OUT_OF_RANGE, PERIOD_EMPTY, TIME_OUT_OF_RANGE, BAD_INPUT for a value out
 * of place.
 */
export function proveConsent(
  witness: ConsentWitness,
  artifacts: ProvingArtifacts,
  options: ProvingOptions = {},
): Promise<ProvenStatement> {
  return prove(consentInputs(witness), artifacts, options);
}

/** Proves the accreditation statement. Throws as proveConsent does. */
export function proveAccreditation(
  witness: AccreditationWitness,
  artifacts: ProvingArtifacts,
  options: ProvingOptions = {},
): Promise<ProvenStatement> {
  return prove(accreditationInputs(witness), artifacts, options);
}

/**
 * Proves the eligibility statement: about twice a consent's time and memory. Throws as proveConsent
 * does.
 */
export function proveEligibility(
  witness: EligibilityWitness,
  artifacts: ProvingArtifacts,
  options: ProvingOptions = {},
): Promise<ProvenStatement> {
  return prove(eligibilityInputs(witness), artifacts, options);
}

async function prove(
  inputs: CircuitInputs,
  { wasm, zkey }: ProvingArtifacts,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: ProvingOptions,
): Promise<ProvenStatement> {
  const work = withProvingCurve(() => groth16.fullProve(inputs, wasm, zkey));
  try {
    const { proof, publicSignals } = await within(work, timeoutMs);
    return { proof: proof as unknown as Proof, publicSignals };
  } catch (thrown) {
    throw unsatisfied(thrown) ?? thrown;
  }
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DomainError('PROVING_TIMEOUT', { timeoutMs })), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The witness calculator says which template refused; its text also has line numbers, left out. */
function unsatisfied(thrown: unknown): DomainError | undefined {
  const text = thrown instanceof Error ? thrown.message : '';
  if (!text.includes('Assert Failed')) return undefined;
  const rule = /Error in template ([A-Za-z0-9]+)_\d+/.exec(text)?.[1] ?? 'unknown';
  return new DomainError('WITNESS_UNSATISFIED', { rule });
}
