import type { ProofCoordinates } from '../proof.js';
import { PUBLIC_SIGNALS, type Signals } from '../statement.js';

/** A proof that was read, and the signals that it is said to be a proof of. */
export interface ReadProof {
  readonly signals: Signals;
  readonly coordinates: ProofCoordinates;
}

const NUMBER_BYTES = 32;
const COORDINATES = 8;

/** Bytes of one packed proof: six signals and eight coordinates, 32 each. */
export const PACKED_BYTES = (PUBLIC_SIGNALS.length + COORDINATES) * NUMBER_BYTES;

/**
 * Packs a proof and its signals, each number as 32 bytes big-endian: what waits for a verification and
 * is handed to a thread has one size, whatever was sent.
 */
export function packProof({ signals, coordinates: { a, b, c } }: ReadProof): Uint8Array {
  const numbers = [...PUBLIC_SIGNALS.map((name) => signals[name]), ...a, ...b.flat(), ...c];
  const hex = numbers.map((value) => value.toString(16).padStart(2 * NUMBER_BYTES, '0')).join('');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Reads what packProof wrote: PACKED_BYTES bytes. */
export function unpackProof(bytes: Uint8Array): ReadProof {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  const numberAt = (place: number) =>
    BigInt(`0x${hex.slice(place * 2 * NUMBER_BYTES, (place + 1) * 2 * NUMBER_BYTES)}`);
  const signals = Object.fromEntries(
    PUBLIC_SIGNALS.map((name, place) => [name, numberAt(place)]),
  ) as Signals;
  const at = (place: number) => numberAt(PUBLIC_SIGNALS.length + place);
  const coordinates = {
    a: [at(0), at(1)],
    b: [
      [at(2), at(3)],
      [at(4), at(5)],
    ],
    c: [at(6), at(7)],
  } as const;
  return { signals, coordinates };
}
