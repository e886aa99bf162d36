import type { Verification } from './model.js';

/** One manufacturer's answer about a pack; undefined if there was no valid answer. */
export type Word = Pick<Verification, 'verified' | 'reason'> | undefined;

/**
 * One verdict from all manufacturers' answers, as a pharmacist needs it.
 *
 * A recall by any manufacturer outweighs every yes. NOT_FOUND means no only if every manufacturer
 * answered: if one did not, the pack may be its own, so the result is unknown for now.
 */
export function verdictOf(words: readonly Word[]): Pick<Verification, 'verified' | 'reason'> {
  const said = words.filter((word) => word !== undefined);
  const silent = said.length < words.length || words.length === 0;
  const recalled = said.find(({ reason }) => reason === 'RECALLED');
  if (recalled !== undefined) return { verified: false, reason: 'RECALLED' };
  if (said.some(({ verified }) => verified === true)) return { verified: true, reason: null };
  const known = said.find(({ verified, reason }) => verified === false && reason !== 'NOT_FOUND');
  if (known !== undefined) return { verified: false, reason: known.reason };
  return silent
    ? { verified: null, reason: 'SOURCE_UNAVAILABLE' }
    : { verified: false, reason: 'NOT_FOUND' };
}
