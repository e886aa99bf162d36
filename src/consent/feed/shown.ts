import { DomainError } from '../../core/errors.js';
import { type ConsentFields, consentLeaf } from '../../zk/leaf.js';
import { networkRootOf, type RegisterPath } from '../../zk/tree.js';

/** A consent opened, and the path of its leaf: it shows that the handle in it is a registered one. */
export interface ShownConsent {
  readonly fields: ConsentFields;
  readonly path: RegisterPath;
}

/** Consents shown with one withdrawal: each takes about forty hashes. */
export const MAX_SHOWN = 32;

/**
 * The handles in consents that are in the register. A signature over a consent would prove nothing:
 * anyone can make a key and sign with it. A leaf under a root of the ledger was put there by an
 * institution.
 *
 * @param acceptsRoot - whether consents may be proven against that root now.
 * @returns canonical decimals.
 * @throws DomainError INPUT_TOO_LARGE; PATH_INVALID if one of them is under no such root;
 * FIELD_OUT_OF_RANGE, BAD_INPUT.
 */
export function handlesShown(
  shown: readonly ShownConsent[],
  acceptsRoot: (root: bigint) => boolean,
): ReadonlySet<string> {
  if (shown.length > MAX_SHOWN) {
    throw new DomainError('INPUT_TOO_LARGE', { shown: shown.length, maximum: MAX_SHOWN });
  }
  const handles = shown.map(({ fields, path }) => {
    if (!acceptsRoot(networkRootOf(consentLeaf(fields), path))) {
      throw new DomainError('PATH_INVALID');
    }
    return String(fields.handle);
  });
  return new Set(handles);
}
