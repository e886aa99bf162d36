import type { Purpose } from '../zk/vocabulary.js';

/** A consent that this wallet has signed, registered anywhere or not. */
export interface SignedSerial {
  readonly serial: bigint;
  readonly requester: bigint;
  readonly purposes: readonly Purpose[];
}

/** Where a wallet remembers what it signed. Not secret, but it does say whom one has dealings with. */
export interface SerialBook {
  read(study: bigint): Promise<readonly SignedSerial[]>;
  /** Kept before the signature leaves the wallet: a paper that nobody remembers cannot be ended. */
  append(study: bigint, entry: SignedSerial): Promise<void>;
}

/** A book that lasts as long as the process. */
export function memoryBook(): SerialBook {
  const entries = new Map<bigint, readonly SignedSerial[]>();
  return {
    read: async (study) => entries.get(study) ?? [],
    append: async (study, entry) => {
      entries.set(study, [...(entries.get(study) ?? []), entry]);
    },
  };
}

/**
 * The serial of the next consent: above every known one, and at least the time in seconds, so that
 * it grows even for a wallet that was restored from its seed and remembers nothing.
 */
export function nextSerial(signed: readonly SignedSerial[], nowSeconds: number): bigint {
  return signed.reduce(
    (next, { serial }) => (serial >= next ? serial + 1n : next),
    BigInt(nowSeconds),
  );
}

/** The earlier consents that a new one replaces: same requester, and a purpose in common. */
export function supersededBy(
  signed: readonly SignedSerial[],
  next: SignedSerial,
): readonly SignedSerial[] {
  return signed.filter(
    ({ requester, purposes, serial }) =>
      serial < next.serial &&
      requester === next.requester &&
      purposes.some((purpose) => next.purposes.includes(purpose)),
  );
}
