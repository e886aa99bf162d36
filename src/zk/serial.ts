import { DomainError } from '../core/errors.js';
import type { Seconds } from '../core/time.js';

/**
 * A serial is 63 bits: when a consent was signed, by which of its participant's devices, and a count
 * within that second. So serials grow with time, two devices of one seed never make the same one, and
 * a node sees one that lies in the future.
 */
export interface SerialParts {
  /** When it was signed, in [0, 2^35): until the year 2988. */
  readonly seconds: Seconds;
  /** The device's number in this study, in [0, 2^16). */
  readonly device: number;
  /** In [0, 2^12). */
  readonly counter: number;
}

const SECONDS_LIMIT = 2 ** 35;
const DEVICE_BITS = 16n;
const COUNTER_BITS = 12n;

/** How many devices of one participant a study can tell apart. */
export const DEVICES = 2 ** Number(DEVICE_BITS);
/** How many consents one device can sign in one second. */
export const SERIALS_PER_SECOND = 2 ** Number(COUNTER_BITS);
/** Every serial is below it, so that a database's 64-bit integer holds each. */
export const SERIAL_LIMIT = 1n << 63n;

/** @throws DomainError FIELD_OUT_OF_RANGE for a part that is no whole number of its range. */
export function serialOf({ seconds, device, counter }: SerialParts): bigint {
  requirePart(seconds, SECONDS_LIMIT);
  requirePart(device, DEVICES);
  requirePart(counter, SERIALS_PER_SECOND);
  return (
    (BigInt(seconds) << (DEVICE_BITS + COUNTER_BITS)) |
    (BigInt(device) << COUNTER_BITS) |
    BigInt(counter)
  );
}

/** @throws DomainError FIELD_OUT_OF_RANGE outside [0, 2^63). */
export function serialParts(serial: bigint): SerialParts {
  if (serial < 0n || serial >= SERIAL_LIMIT) throw new DomainError('FIELD_OUT_OF_RANGE');
  return {
    seconds: Number(serial >> (DEVICE_BITS + COUNTER_BITS)),
    device: Number((serial >> COUNTER_BITS) % BigInt(DEVICES)),
    counter: Number(serial % BigInt(SERIALS_PER_SECOND)),
  };
}

function requirePart(value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new DomainError('FIELD_OUT_OF_RANGE');
  }
}
