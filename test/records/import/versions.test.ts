import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/records/import/version/decide.js';
import {
  instantKey,
  isFromFuture,
  isSubsetted,
  type Order,
  orderOf,
  versionOf,
} from '../../../src/records/import/version/version.js';

const SEED = { seed: 20_261_130, numRuns: 300 };
const version = (versionId?: string, lastUpdated?: string) =>
  versionOf(JSON.parse(JSON.stringify({ versionId, lastUpdated })) as object);

describe('of two versions', () => {
  const JAN = '2024-01-01T00:00:00Z';
  const FEB = '2024-02-01T00:00:00Z';
  test.each<[string, ReturnType<typeof version>, ReturnType<typeof version>, Order]>([
    ['the later one is newer', version('1', FEB), version('1', JAN), 'NEWER'],
    ['the time counts before the number', version('2', FEB), version('9', JAN), 'NEWER'],
    ['the number counts at one time', version('10', JAN), version('9', JAN), 'NEWER'],
    ['the number counts without a time', version('9'), version('10', JAN), 'OLDER'],
    [
      'a number beyond 2^53 is exact',
      version('9007199254740993'),
      version('9007199254740992'),
      'NEWER',
    ],
    ['a zero before a number is none', version('02'), version('2'), 'SAME'],
    ['one id is one version', version('abc'), version('abc', JAN), 'SAME'],
    ['ids that are no numbers have no order', version('abc'), version('abd'), 'UNKNOWN'],
    ['W/"3" is no number', version('W/"3"'), version('2'), 'UNKNOWN'],
    ['one that says nothing has no order', version(), version('2', JAN), 'UNKNOWN'],
    [
      'a time that is none says nothing',
      version(undefined, '2024-05'),
      version(undefined, JAN),
      'UNKNOWN',
    ],
    [
      'a time of another zone is the same time',
      version('a', '2024-01-01T02:00:00+02:00'),
      version('b', JAN),
      'UNKNOWN',
    ],
    [
      'a zone can make it later',
      version('a', '2024-01-01T00:00:00-01:00'),
      version('a', JAN),
      'NEWER',
    ],
    [
      'a fraction can make it later',
      version('a', '2024-01-01T00:00:00.0000001Z'),
      version('a', JAN),
      'NEWER',
    ],
    [
      'a leap second is behind the second before it',
      version('a', '2016-12-31T23:59:60Z'),
      version('a', '2016-12-31T23:59:59.999Z'),
      'NEWER',
    ],
    [
      'and before the one after it',
      version('a', '2016-12-31T23:59:60.9Z'),
      version('a', '2017-01-01T01:00:00+01:00'),
      'OLDER',
    ],
    [
      'zeros of a fraction do not',
      version('a', '2024-01-01T00:00:00.000Z'),
      version('a', JAN),
      'SAME',
    ],
  ])('%s', (_, coming, stored, order) => {
    expect(orderOf(coming, stored)).toBe(order);
    const opposite = { NEWER: 'OLDER', OLDER: 'NEWER', SAME: 'SAME', UNKNOWN: 'UNKNOWN' } as const;
    expect(orderOf(stored, coming)).toBe(opposite[order]);
  });

  test('instants sort as texts as they do as times', () => {
    const moment = fc.record({
      ms: fc.integer({ min: 0, max: 4e12 }),
      minutes: fc.integer({ min: -13 * 60, max: 13 * 60 }),
    });
    const told = ({ ms, minutes }: { ms: number; minutes: number }) => {
      const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
      const two = (n: number) => String(n).padStart(2, '0');
      return `${local}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
    };
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [one, other] = [instantKey(told(a)) ?? '', instantKey(told(b)) ?? ''];
        expect(Math.sign(a.ms - b.ms)).toBe(one === other ? 0 : one > other ? 1 : -1);
      }),
      SEED,
    );
  });
});

test.each([
  [
    'HL7',
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' },
  ],
  ['STU3', { system: 'http://hl7.org/fhir/v3/ObservationValue', code: 'SUBSETTED' }],
  ['an OID', { system: 'urn:oid:2.16.840.1.113883.5.1063', code: 'SUBSETTED' }],
  ['no system, in lower case', { code: ' subsetted' }],
])('SUBSETTED is understood as %s writes it', (_, coding) => {
  expect(isSubsetted({ tag: [{ code: 'other' }, coding] })).toBe(true);
  expect(isSubsetted({ security: [coding] })).toBe(true);
  expect(isSubsetted({ tag: [{ display: 'SUBSETTED' }] })).toBe(false);
});

describe('a time', () => {
  const NOW = Date.parse('2026-06-01T12:00:00Z');
  test.each([
    ['2026-06-01T12:00:00Z', false],
    ['2026-06-01T12:04:59Z', false],
    ['2026-06-01T14:04:59+02:00', false],
    ['2026-06-01T12:06:00Z', true],
    ['2026-06-01T12:00:00-01:00', true],
    ['2999-01-01T00:00:00Z', true],
    ['9999-12-31T23:59:59-14:00', true],
    ['0001-01-01T00:00:00+14:00', false],
  ])('%s is after now: %s', (instant, expected) => {
    expect(isFromFuture(instantKey(instant), NOW)).toBe(expected);
  });

  test('that is not told is not after now', () => expect(isFromFuture(null, NOW)).toBe(false));
});

test.each([
  ['the same content without a version', 'a', undefined, null, 'DELETED'],
  ['another content without a version', 'b', undefined, null, 'STORE'],
  ['the same content under a newer version', 'a', '3', '2', 'STORE'],
  ['the same version', 'a', '2', '2', 'KEEP'],
  ['an older version', 'a', '1', '2', 'KEEP'],
])('of what was deleted, %s', (_, hash, id, was, decision) => {
  const stored = { hash: 'a', source: 's', deleted: true, version: version(was ?? undefined) };
  expect(decide({ hash, source: 't', version: version(id) }, stored, false)).toBe(decision);
});

describe('what is stored after any order of versions', () => {
  const numbered = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

  test('is the newest one', () => {
    fc.assert(
      fc.property(numbered, (numbers) => {
        let stored: Parameters<typeof decide>[1];
        for (const number of numbers) {
          const coming = { hash: `${number}`, source: 's', version: version(`${number}`) };
          if (decide(coming, stored, false) === 'STORE') stored = { ...coming, deleted: false };
        }
        expect(stored?.hash).toBe(String(Math.max(...numbers)));
      }),
      SEED,
    );
  });

  test('is nothing while no version is newer than the deletion', () => {
    const at = (day: number) => `2024-01-${String(day).padStart(2, '0')}T00:00:00Z`;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 28 }),
        fc.integer({ min: 1, max: 28 }),
        (deleted, day) => {
          const tomb = {
            hash: 'old',
            source: 's',
            deleted: true,
            version: version('1', at(deleted)),
          };
          const coming = { hash: 'new', source: 's', version: version('2', at(day)) };
          const isLater = day > deleted || day === deleted; // A number counts at one time.
          expect(decide(coming, tomb, false)).toBe(isLater ? 'STORE' : 'KEEP');
        },
      ),
      SEED,
    );
  });
});

test.each([
  ['the same content', 'a', undefined, 'KEEP'],
  ['the same under a newer version', 'a', '3', 'NOTE'],
  ['another under the same version', 'b', '2', 'CONFLICT'],
  ['another that says no version', 'b', undefined, 'STORE'],
])('%s', (_, hash, id, decision) => {
  const stored = { hash: 'a', source: 's', deleted: false, version: version('2') };
  expect(decide({ hash, source: 's', version: version(id) }, stored, false)).toBe(decision);
});

test('what had to wait does not take the place of what stood behind it', () => {
  const stored = { hash: 'a', source: 'one.ndjson', deleted: false, version: version() };
  const coming = { hash: 'b', source: 'one.ndjson', version: version() };
  expect(decide(coming, stored, true)).toBe('KEEP');
  expect(decide({ ...coming, source: 'two.ndjson' }, stored, true)).toBe('STORE');
});
