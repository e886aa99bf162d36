import { ELEMENT_BYTES } from './limbs.js';

// Where things lie in a module's memory, in bytes. Unless it says one lane, an element is there as
// often as the module has lanes, limb by limb.

const MAX_WIDTH = 17;
const MAX_PARTIAL_ROUNDS = 70;
const MAX_LANES = 2;
const LANES_BYTES = ELEMENT_BYTES * MAX_LANES;

/** r, one lane. */
export const ORDER_AT = 0;
/** 2^522 mod r, one lane: what a number becomes by its product with this is its Montgomery form. */
export const SQUARE_AT = ORDER_AT + ELEMENT_BYTES;
/** Never written to. */
export const ZERO_AT = SQUARE_AT + ELEMENT_BYTES;
/** 32 bytes, lowest first. */
export const REVERSED_AT = ZERO_AT + LANES_BYTES;
export const SCRATCH_AT = REVERSED_AT + 32;
export const STATE_AT = SCRATCH_AT + LANES_BYTES;
/** What the S-boxes of a full round make of the state. */
export const POWERS_AT = STATE_AT + MAX_WIDTH * LANES_BYTES;
/** A pair for each partial round, behind those that lead to the first. */
export const PAIRS_AT = POWERS_AT + MAX_WIDTH * LANES_BYTES;
const PAIRS = MAX_WIDTH - 1 + MAX_PARTIAL_ROUNDS;
/** Inputs and hashes, 32 bytes each. */
export const EXCHANGE_AT = PAIRS_AT + 2 * PAIRS * LANES_BYTES;
export const EXCHANGE_BYTES = 512 * 64;
export const SCHEDULES_AT = EXCHANGE_AT + EXCHANGE_BYTES;
/** 2 MiB: the schedules of all 16 numbers of inputs take 1.3. What is not touched costs nothing. */
export const PAGES = 32;
