import type { RegisterContext } from '../../../src/consent/base/context.js';
import type { LinkContext } from '../../../src/consent/registration/shown-code.js';

/** What the nodes of these tests make link codes with. */
export const LINK_KEY = new Uint8Array(32).fill(99);

/** What they make subtree keys with. */
export const PATH_KEY = new Uint8Array(32).fill(98);

/** A register that shows link codes with that key. */
export function linkable({ db, institution, clock }: RegisterContext): LinkContext {
  return { db, institution, clock, linkKey: LINK_KEY };
}
