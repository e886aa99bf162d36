import { readFileSync } from 'node:fs';
import type { Proof } from '../../../src/zk/proof.js';
import type { Statement } from '../../../src/zk/statement.js';

/** A proof that holds, made once by pin.ts, so that the corpus is the same on every machine. */
export interface Pinned {
  readonly statement: Statement;
  /** The keys it was made under; with others, pin.ts has to run again. */
  readonly verificationKeySha256: string;
  readonly delta: readonly (readonly string[])[];
  readonly signals: readonly string[];
  readonly proof: Proof;
}

export const PINNED = JSON.parse(
  readFileSync(new URL('pinned.json', import.meta.url), 'utf8'),
) as readonly Pinned[];

export function pinnedOf(statement: Statement): Pinned {
  const found = PINNED.find((one) => one.statement === statement);
  if (found === undefined) throw new Error(`no ${statement} is pinned`);
  return found;
}
