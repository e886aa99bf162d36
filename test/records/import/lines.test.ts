import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSet } from '../../../src/records/import/line-set.js';
import { type Line, linesOf, MAX_LINE_BYTES } from '../../../src/records/import/lines.js';

const SEED = 20_261_126;

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const sorted = places.toSorted((a, b) => a - b);
  for (const [at, from] of sorted.entries()) yield bytes.subarray(from, sorted[at + 1] ?? from);
}

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function read(bytes: Buffer | string, cuts: readonly number[] = []): Promise<Line[]> {
  return listOf(linesOf(inPieces(Buffer.from(bytes), cuts)));
}

const told = (lines: readonly Line[]) =>
  lines.map((line) => [line.number, 'text' in line ? line.text : line.refusal.code]);

describe('lines', () => {
  test.each([
    ['a newline at the end', 'a\nb\n'],
    ['none', 'a\nb'],
    ['CRLF', 'a\r\nb\r\n'],
    ['a byte order mark', '\uFEFFa\nb'],
    ['blanks around', ' a \n\tb'],
  ])('are the same with %s', async (_, text) => {
    expect(told(await read(text))).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  test('empty ones are passed over and counted', async () => {
    expect(told(await read('\n\r\n  \na\n\n'))).toEqual([[4, 'a']]);
    expect(await read('')).toEqual([]);
  });

  test('one that is not UTF-8 is refused alone', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a\n'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\nb'),
    ]);
    expect(told(await read(bytes))).toEqual([
      [1, 'a'],
      [2, 'BAD_INPUT'],
      [3, 'b'],
    ]);
  });

  test('one of the most bytes is taken, one of a byte more refused alone', async () => {
    const most = Buffer.alloc(MAX_LINE_BYTES, 'x');
    const bytes = Buffer.concat([most, Buffer.from('\n'), most, Buffer.from('x\nb\n')]);
    const cuts = Array.from({ length: 500 }, (_, i) => i * 65_536);
    const lines = await read(bytes, cuts);
    expect(lines.map((line) => 'text' in line)).toEqual([true, false, true]);
    expect(told(lines).slice(1)).toEqual([
      [2, 'INPUT_TOO_LARGE'],
      [3, 'b'],
    ]);
  });

  const texts = fc.array(fc.stringMatching(/^[a-zé😀 ]{0,6}$/u), { maxLength: 12 });

  test('do not depend on where the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(200), { maxLength: 8 }), async (all, cuts) => {
        const bytes = Buffer.from(all.join('\n'));
        expect(await read(bytes, cuts)).toEqual(await read(bytes));
      }),
      { seed: SEED },
    );
  });

  test('go on behind any of them as if they had been read from the beginning', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (all) => {
        const bytes = Buffer.from(all.join('\n'));
        const lines = await read(bytes);
        for (const [at, { number, endByte }] of lines.entries()) {
          const rest = inPieces(bytes.subarray(endByte), []);
          const behind = { lines: number, bytes: endByte };
          expect(await listOf(linesOf(rest, behind))).toEqual(lines.slice(at + 1));
        }
      }),
      { seed: SEED },
    );
  });

  test('nobody wants are not yielded', async () => {
    const bytes = inPieces(Buffer.from('a\nb\nc'), []);
    const wanted = await listOf(linesOf(bytes, undefined, (number) => number === 2));
    expect(told(wanted)).toEqual([[2, 'b']]);
  });
});

test('a set of lines has those that were added, and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(100_000)), fc.nat(100_000), (numbers, other) => {
      const set = new LineSet();
      expect(set.empty).toBe(true);
      for (const number of numbers) set.add(number);
      expect(numbers.every((number) => set.has(number))).toBe(true);
      expect(set.has(other)).toBe(numbers.includes(other));
      expect(set.empty).toBe(numbers.length === 0);
    }),
    { seed: SEED },
  );
});
