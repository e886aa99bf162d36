import { DomainError } from '../../../core/errors.js';
import type { InstitutionId } from '../../../core/ids.js';
import { type Seconds, secondsFromUnixMs } from '../../../core/time.js';
import { institutionField } from '../../../zk/arithmetic/field.js';
import { type EddsaPublicKey, requireEddsa } from '../../../zk/eddsa.js';
import { listMessage } from '../../../zk/leaf.js';
import type { Holder } from '../../gate/holder-key.js';
import { toSignature } from '../../registration/parse-signed-consent.js';
import type { SignedListInput } from './model.js';

/** Institutions that one request may ask. */
const MAX_LISTS = 16;

/** How long a signed list serves: long enough to page with it, too short to be worth keeping. */
const LIFE_SECONDS = 600;

/** How far ahead of this node's clock a wallet's may be. */
const AHEAD_SECONDS = 60;

/**
 * Requires a list for each of 1 to 16 institutions, none twice.
 *
 * @throws DomainError BAD_INPUT, INPUT_TOO_LARGE
 */
export function requireLists(lists: readonly SignedListInput[]): void {
  if (lists.length > MAX_LISTS) {
    throw new DomainError('INPUT_TOO_LARGE', { argument: 'lists', most: MAX_LISTS });
  }
  const institutions = new Set(lists.map(({ institution }) => institution));
  if (lists.length === 0 || institutions.size < lists.length) {
    throw new DomainError('BAD_INPUT', { argument: 'lists', expected: 'one an institution' });
  }
}

/**
 * Requires that a wallet signed a question just now.
 *
 * @throws DomainError SIGNATURE_TOO_OLD after 10 minutes, SIGNATURE_FROM_FUTURE from 60 s ahead on.
 */
export function requireFresh(at: Seconds, nowSeconds: Seconds): void {
  if (at > nowSeconds + AHEAD_SECONDS) throw new DomainError('SIGNATURE_FROM_FUTURE');
  if (at <= nowSeconds - LIFE_SECONDS) throw new DomainError('SIGNATURE_TOO_OLD');
}

/**
 * Requires that the study key asked this institution, in this session, just now.
 *
 * The attackers: another institution that was asked, the gateway, and anyone who reads a log. Each
 * holds a signature that is good for one session key, which none of them has.
 *
 * @throws DomainError NOT_FOR_THIS_INSTITUTION, SIGNATURE_TOO_OLD, SIGNATURE_FROM_FUTURE,
 * SIGNATURE_INVALID, FIELD_OUT_OF_RANGE, TIME_OUT_OF_RANGE
 */
export function requireSignedList(
  list: SignedListInput,
  publicKey: EddsaPublicKey,
  asked: {
    readonly institution: InstitutionId;
    readonly holder: Holder;
    readonly nowSeconds: Seconds;
  },
): void {
  const { institution, holder, nowSeconds } = asked;
  if (list.institution !== institution) throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  const at = secondsFromUnixMs(list.at.getTime());
  requireFresh(at, nowSeconds);
  const message = listMessage(institutionField(institution), BigInt(at), holder.field);
  requireEddsa(publicKey, message, toSignature(list.signature));
}
