import { base64url } from 'jose';
import { describe, expect, test } from 'vitest';
import { openBook, sealBook } from '../../../src/client/keys/book-seal.js';
import type { SerialBook } from '../../../src/client/keys/serial-book.js';
import { deriveStudyKeys } from '../../../src/client/keys/study-keys.js';
import { MAX_BACKUP_CHARACTERS } from '../../../src/core/wallet-backup.js';
import { FIELD_ORDER } from '../../../src/zk/arithmetic/field.js';
import { SERIAL_LIMIT } from '../../../src/zk/serial.js';
import { nowSeconds, refusal, seedOf, studyName } from '../../support/client/sample.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

const { bookKey, study } = deriveStudyKeys(seedOf(7), studyName);
const position = { study, institution: RIVERSIDE, sequence: 3 };
const bookOf = (count: number, until = nowSeconds + 1): SerialBook => ({
  devices: [{ id: 'a'.repeat(32), number: 65_535 }],
  signed: Array.from({ length: count }, (_, i) => ({
    serial: SERIAL_LIMIT - BigInt(i + 1),
    requester: FIELD_ORDER - 1n,
    purposes: ['HRESCH', 'CLINTRCH'],
    until,
  })),
});
const seal = (book: SerialBook) => sealBook(book, bookKey, position, nowSeconds);

describe('a sealed book', () => {
  test('opens to what was sealed, at its own place alone', async () => {
    const sealed = await seal(bookOf(3));
    expect(await openBook(sealed, bookKey, position)).toEqual(bookOf(3));
    for (const [why, key, at] of [
      ['of another study', bookKey, { ...position, study: 5n }],
      ['of another institution', bookKey, { ...position, institution: LAKESHORE }],
      ['of another moment', bookKey, { ...position, sequence: 2 }],
      ['of another seed', deriveStudyKeys(seedOf(8), studyName).bookKey, position],
    ] as const) {
      await expect(openBook(sealed, key, at), why).rejects.toThrow(refusal('SEALED_UNREADABLE'));
    }
  });

  test('opens with no bit changed, nor anything cut off', async () => {
    const bytes = base64url.decode(await seal(bookOf(1)));
    for (const at of [0, 11, 12, 500, bytes.length - 1]) {
      const changed = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      const opened = openBook(base64url.encode(changed), bookKey, position);
      await expect(opened).rejects.toThrow(refusal('SEALED_UNREADABLE'));
    }
    for (const short of ['', 'AAAA', base64url.encode(bytes.slice(0, -1)), 'ä', '='.repeat(40)]) {
      const opened = openBook(short, bookKey, position);
      await expect(opened).rejects.toThrow(refusal('SEALED_UNREADABLE'));
    }
  });

  test('does not tell by its size how many consents there are', async () => {
    const sizes = await Promise.all([0, 1, 20].map(async (n) => (await seal(bookOf(n))).length));
    expect(new Set(sizes).size).toBe(1);
  });

  test('is never the same twice', async () => {
    expect(await seal(bookOf(1))).not.toBe(await seal(bookOf(1)));
  });

  test('holds 250 consents within what institutions keep, and is refused with many more', async () => {
    const sealed = await seal(bookOf(250));
    expect(sealed.length).toBeLessThanOrEqual(MAX_BACKUP_CHARACTERS);
    expect((await openBook(sealed, bookKey, position)).signed).toHaveLength(250);
    await expect(seal(bookOf(400))).rejects.toThrow(refusal('INPUT_TOO_LARGE'));
  });

  test('that grows too long leaves out what nobody can register any more', async () => {
    const valid = bookOf(2);
    const long = { ...valid, signed: [...bookOf(400, nowSeconds).signed, ...valid.signed] };
    expect(await openBook(await seal(long), bookKey, position)).toEqual(valid);
  });
});
