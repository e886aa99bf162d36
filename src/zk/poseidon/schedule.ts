import { invariant } from '../../core/errors.js';
import { Grain } from './grain.js';
import { inverse, type Matrix, modulo, type Vector } from './matrix.js';
import { affine, partialRounds } from './partial-rounds.js';

/** Rounds in which every element goes through the S-box: half of them come first, half last. */
const FULL_ROUNDS = 8;
/** For 1 to 16 inputs. @source N_ROUNDS_P of circomlib/circuits/poseidon.circom */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

/** The constants of Poseidon for one number of inputs, in the order in which hashing uses them. */
export interface Schedule {
  readonly partialRounds: number;
  readonly constants: Vector;
}

/**
 * Draws the constants, and rearranges those of the partial rounds.
 *
 * @param width - t, from 2 to 17: one more than the number of inputs.
 * @source Poseidon (eprint 2019/458), section 4 and appendix F
 */
export function scheduleOf(width: number): Schedule {
  const partial = PARTIAL_ROUNDS[width - 2];
  invariant(partial !== undefined, 'Poseidon takes 1 to 16 inputs');
  const grain = new Grain(width, FULL_ROUNDS, partial);
  const added = drawMatrix(FULL_ROUNDS + partial, width, () => grain.element());
  const mixing = cauchyMatrix(grain, width);
  const half = FULL_ROUNDS / 2;
  const middle = half + partial;
  const full = (constants: Vector) => affine(constants, mixing);
  return {
    partialRounds: partial,
    constants: [
      ...(added[0] ?? []),
      ...added.slice(1, half).flatMap(full),
      ...partialRounds(mixing, added.slice(half, middle + 1)),
      ...added.slice(middle + 1).flatMap(full),
      // Of the last state only the first element is the hash.
      ...affine([], mixing.slice(0, 1)),
    ],
  };
}

function drawMatrix(rows: number, columns: number, draw: () => bigint): Matrix {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, draw));
}

/** 1 / (x + y), for x and y drawn behind the constants, and not drawn again if r or more. */
function cauchyMatrix(grain: Grain, width: number): Matrix {
  const [xs = [], ys = []] = drawMatrix(2, width, () => modulo(grain.number()));
  return xs.map((x) => ys.map((y) => inverse(x + y)));
}
