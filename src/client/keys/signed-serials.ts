import type { Seconds } from '../../core/time.js';
import { SERIALS_PER_SECOND, serialOf, serialParts } from '../../zk/serial.js';
import type { Purpose } from '../../zk/vocabulary.js';

/** A consent that this seed has signed, whether registered or not. */
export interface SignedSerial {
  readonly serial: bigint;
  readonly requester: bigint;
  readonly purposes: readonly Purpose[];
  /** When its validity ends, exclusive: it cannot be registered from then on. */
  readonly until: Seconds;
}

/**
 * A node refuses serials further ahead of its clock than this: a day, to tolerate wallets with a
 * wrong clock.
 */
const AHEAD_SECONDS = 86_400;

/**
 * The serial of the next consent: the lowest for this device and moment that is above every known
 * one. A known serial more than a day ahead was signed while the clock was wrong. No node accepts
 * it, so it is ignored: otherwise nothing could be signed until then.
 */
export function nextSerial(
  signed: readonly SignedSerial[],
  device: number,
  nowSeconds: Seconds,
): bigint {
  const limit = serialOf({ seconds: nowSeconds + AHEAD_SECONDS, device: 0, counter: 0 });
  const highest = signed.reduce(
    (most, { serial }) => (serial > most && serial < limit ? serial : most),
    -1n,
  );
  const now = serialOf({ seconds: nowSeconds, device, counter: 0 });
  return now > highest ? now : following(highest, device);
}

/** The lowest serial of a device that is above another serial. */
function following(highest: bigint, device: number): bigint {
  const { seconds, ...last } = serialParts(highest);
  const isOwn = last.device === device && last.counter + 1 < SERIALS_PER_SECOND;
  if (isOwn) return highest + 1n;
  if (last.device < device) return serialOf({ seconds, device, counter: 0 });
  return serialOf({ seconds: seconds + 1, device, counter: 0 });
}

/** The earlier consents that a new one replaces: same requester, and a purpose in common. */
export function supersededBy(
  signed: readonly SignedSerial[],
  next: SignedSerial,
): readonly SignedSerial[] {
  return signed.filter(
    ({ requester, purposes, serial }) =>
      serial !== next.serial &&
      requester === next.requester &&
      purposes.some((purpose) => next.purposes.includes(purpose)),
  );
}
