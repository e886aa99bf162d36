/** Bytes of an answer in addition to its rows. */
const ENVELOPE_BYTES = 4 * 1024;

/**
 * The bytes that a whole and honest answer has at most: no more of a node's answer is read.
 *
 * @param rows - that the question allows.
 * @param bytesPerRow - of the longest rows, on average over a page.
 */
export function answerBytes(rows: number, bytesPerRow: number): number {
  return ENVELOPE_BYTES + rows * bytesPerRow;
}

/** What the evidence of one record adds to it: two paths of 64 hashes, and what its digest hides. */
export const EVIDENCE_BYTES = 12 * 1024;
