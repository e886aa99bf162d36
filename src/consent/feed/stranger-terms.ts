import { PUZZLE_BITS } from '../../core/signed/puzzle.js';

const DAY_SECONDS = 86_400;
const HELD_DAYS = 30;

/** What strangers pay, and how long what they bring is held. */
export interface StrangerTerms {
  /** Of work for each secret, 0 to 32. */
  readonly puzzleBits: number;
  readonly heldSeconds: number;
}

export const STRANGER_TERMS: StrangerTerms = {
  puzzleBits: PUZZLE_BITS,
  heldSeconds: HELD_DAYS * DAY_SECONDS,
};
