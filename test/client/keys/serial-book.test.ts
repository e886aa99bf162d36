import { describe, expect, test } from 'vitest';
import {
  mergeBooks,
  newBook,
  type OwnBook,
  withSigned,
} from '../../../src/client/keys/serial-book.js';
import {
  nextSerial,
  type SignedSerial,
  supersededBy,
} from '../../../src/client/keys/signed-serials.js';
import { serialOf } from '../../../src/zk/serial.js';

const NOW = 4_000_000_000;
const DAY = 86_400;
const at = (seconds: number, device: number, counter = 0): SignedSerial => ({
  serial: serialOf({ seconds, device, counter }),
  requester: 5n,
  purposes: ['HRESCH'],
  until: NOW + DAY,
});
const next = (signed: readonly SignedSerial[], device: number) => nextSerial(signed, device, NOW);
const serial = (seconds: number, device: number, counter = 0) =>
  serialOf({ seconds, device, counter });

describe('the next serial', () => {
  test.each([
    ['is of this moment and device where nothing is known', [], serial(NOW, 7)],
    ['is of this moment after older ones', [at(NOW - 1, 9)], serial(NOW, 7)],
    ['counts on within the second', [at(NOW, 7), at(NOW, 7, 1)], serial(NOW, 7, 2)],
    ['is above that of a lower device', [at(NOW, 3)], serial(NOW, 7)],
    ['is above that of a higher device', [at(NOW, 9)], serial(NOW + 1, 7)],
    ['leaves a full second', [at(NOW, 7, 4_095)], serial(NOW + 1, 7)],
    ['follows one that is a little ahead', [at(NOW + 60, 7)], serial(NOW + 60, 7, 1)],
    ['ignores what no node takes', [at(NOW + DAY, 0)], serial(NOW, 7)],
  ])('%s', (_, signed, expected) => {
    expect(next(signed, 7)).toBe(expected);
  });

  test('replaces a paper of the far future too, which its own time would bring back', () => {
    const early = at(NOW + 2 * DAY, 7);
    const entry = { ...at(NOW, 7), serial: next([early], 7) };
    expect(supersededBy([early, entry], entry)).toEqual([early]);
  });
});

describe('a merged book', () => {
  const withNumber = (id: string, number: number): OwnBook => {
    const device = { id, number };
    return { device, devices: [device], signed: [] };
  };

  test('has what either device signed, once, in whichever order they are merged', () => {
    const one = withSigned(withNumber('a', 1), at(NOW, 1));
    const other = withSigned(withNumber('b', 2), at(NOW, 2));
    const both = mergeBooks(one, other);
    expect(both.signed).toEqual([...one.signed, ...other.signed]);
    expect(mergeBooks(both, other)).toEqual(both);
    expect(new Set(mergeBooks(other, one).signed)).toEqual(new Set(both.signed));
  });

  test('keeps both of two consents that have one serial', () => {
    const twin = { ...at(NOW, 1), requester: 6n };
    const one = withSigned(withNumber('a', 1), at(NOW, 1));
    expect(mergeBooks(one, { devices: [], signed: [twin] }).signed).toHaveLength(2);
  });

  test('gives one of two devices with one number another, on whichever side it is merged', () => {
    const [first, second] = [withNumber('a', 1), withNumber('b', 1)];
    expect(mergeBooks(first, second).device).toEqual(first.device);
    const moved = mergeBooks(second, first);
    expect(moved.device.number).not.toBe(1);
    expect(mergeBooks(moved, first)).toEqual(moved);
    expect(mergeBooks(first, moved).device).toEqual(first.device);
  });

  test('begins with a number that no other device has', () => {
    const devices = Array.from({ length: 2 ** 16 - 1 }, (_, number) => ({ id: 'a', number }));
    expect(newBook({ devices, signed: [] }).device.number).toBe(2 ** 16 - 1);
  });
});
