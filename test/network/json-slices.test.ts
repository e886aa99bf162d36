import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInSlices } from '../../src/network/json-slices.js';

/** What either parser makes of a text: its value, or that it is no JSON. */
async function outcomes(text: string, sliceBytes: number) {
  const sliced = parseInSlices(Buffer.from(text), sliceBytes).catch((thrown) => thrown.name);
  const whole = Promise.resolve(text)
    .then(JSON.parse)
    .catch((thrown) => thrown.name);
  return [await sliced, await whole];
}

describe('parseInSlices', () => {
  test('parses what JSON.parse parses, and to the same, however small the slices', async () => {
    const property = fc.asyncProperty(
      fc.jsonValue({ maxDepth: 6 }),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(undefined, 1, '\t'),
      async (value, sliceBytes, indent) => {
        const [sliced, whole] = await outcomes(JSON.stringify(value, null, indent), sliceBytes);
        expect(sliced).toEqual(whole);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('refuses what JSON.parse refuses: a text with any byte lost, doubled or put in', async () => {
    const property = fc.asyncProperty(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', ',', ':', '[', ']', '{', '}', '"', '\\', ' ', '1'),
      fc.boolean(),
      async (value, place, put, replaces) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const torn = text.slice(0, at) + put + text.slice(replaces ? at + 1 : at);
        const [sliced, whole] = await outcomes(torn, 4);
        expect(sliced).toEqual(whole);
      },
    );
    await fc.assert(property, { numRuns: 1_000 });
  });

  test.each([
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[1 2]',
    '{"a":1,}',
    '{"a"}',
    '{"a":}',
    '{1:2}',
    '[1}',
    '{"a":[1,2,3}',
    '[1]]',
    '',
    ' ',
    '"a',
  ])('refuses %s', async (text) => {
    await expect(parseInSlices(Buffer.from(text), 1)).rejects.toThrow(SyntaxError);
  });

  test('takes a member __proto__ for a member, and the last of two of one name', async () => {
    const text = '{"a":[1,2,3,4],"__proto__":{"b":[1,2,3]},"a":[5,6,7,8]}';
    const value = await parseInSlices(Buffer.from(text), 4);
    expect(Object.keys(value as object)).toEqual(['a', '__proto__']);
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
  });

  test('lets this process turn while it parses megabytes', async () => {
    const row = { id: 'obs-1', code: { system: 'http://loinc.org', code: '8480-6' }, value: 120.5 };
    const bytes = Buffer.from(JSON.stringify({ data: { rows: Array(60_000).fill(row) } }));
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    const value = (await parseInSlices(bytes)) as { data: { rows: unknown[] } };
    clearInterval(counting);
    expect(value.data.rows).toHaveLength(60_000);
    expect(value.data.rows[59_999]).toEqual(row);
    expect(turns).toBeGreaterThan(5);
  });
});
