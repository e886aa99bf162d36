import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import type { ProvenStatement } from '../../../src/zk/prove.js';

/** The statements that the suites of the gate show: real proofs under the committed keys. */
export const SHOWN = ['one hospital', 'every hospital', 'every class', 'payer'] as const;
export type ShownStatement = (typeof SHOWN)[number];

/** Made once by pin-proofs.ts: a proof takes 6 s of a core, and five suites show one. */
export interface PinnedProofs {
  /** The key that all of them are bound to. It opens nothing outside of tests. */
  readonly session: JWK;
  readonly proofs: Readonly<Record<ShownStatement, ProvenStatement>>;
}

export const PINNED_FILE = new URL('pinned-proofs.json', import.meta.url);

/** @throws ENOENT before pin-proofs.ts has run. */
export function pinnedProofs(): PinnedProofs {
  return JSON.parse(readFileSync(PINNED_FILE, 'utf8')) as PinnedProofs;
}
