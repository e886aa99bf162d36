import { DomainError } from '../core/errors.js';
import { parseCanonicalDecimal } from './arithmetic/field.js';

/** What can be proven. */
export const STATEMENTS = ['consent', 'accreditation', 'eligibility'] as const;
export type Statement = (typeof STATEMENTS)[number];

/**
 * The public signals of every statement, in the order in which proof and contract take them. Nothing
 * else in this product speaks of their positions.
 *
 * @source circuits/circuits.json; a test holds the two and the compiled circuits equal
 */
export const PUBLIC_SIGNALS = ['root', 'nym', 'handle', 'request', 'asOf', 'holder'] as const;

/** The public signals by name, each a field element. */
export type Signals = Readonly<Record<(typeof PUBLIC_SIGNALS)[number], bigint>>;

/**
 * Parses public signals from a wire: exactly as many as there are, each a canonical decimal below r.
 *
 * @throws PROOF_MALFORMED for another count, FIELD_OUT_OF_RANGE for a text that is not canonical.
 */
export function parseSignals(publicSignals: readonly string[]): Signals {
  if (!Array.isArray(publicSignals) || publicSignals.length !== PUBLIC_SIGNALS.length) {
    throw new DomainError('PROOF_MALFORMED', { signals: PUBLIC_SIGNALS.length });
  }
  const values = publicSignals.map((text) => [parseCanonicalDecimal(text)] as const);
  return Object.fromEntries(
    PUBLIC_SIGNALS.map((name, position) => [name, values[position]?.[0]]),
  ) as Signals;
}

/** The wire form of public signals: canonical decimals, in order. */
export function signalsToWire(signals: Signals): readonly string[] {
  return PUBLIC_SIGNALS.map((name) => signals[name].toString());
}
