import { describe, expect, test } from 'vitest';
import { isHidden, type SeenFile, Settling } from '../../../src/cli/import/watch/settling.js';

const SETTLED_MS = 1_000;
const file = (name: string, sizeBytes = 1, mtimeMs = 5): SeenFile => ({ name, sizeBytes, mtimeMs });
/** What is taken at each look, at these moments. */
function looks(...moments: readonly (readonly [ms: number, ...seen: readonly SeenFile[]])[]) {
  const settling = new Settling(SETTLED_MS);
  return moments.map(([ms, ...seen]) => settling.look(seen, ms).map(({ name }) => name));
}

describe('a file is taken', () => {
  test('once it has not changed for so long, and not before', () => {
    const a = file('a.ndjson');
    expect(looks([0, a], [999, a], [1_000, a])).toEqual([[], [], ['a.ndjson']]);
  });

  test.each([
    ['its size', file('a', 2)],
    ['its time alone', file('a', 1, 6)],
  ])('later if %s changes', (_, changed) => {
    expect(looks([0, file('a')], [900, changed], [1_800, changed], [1_900, changed])).toEqual([
      ...[[], [], [], ['a']],
    ]);
  });

  test('later if it was taken away meanwhile, and another put there', () => {
    expect(looks([0, file('a')], [500], [1_000, file('a')], [2_000, file('a')])).toEqual([
      ...[[], [], [], ['a']],
    ]);
  });

  test('with all others of its folder, when the last of them is whole', () => {
    const [patients, others] = [file('night/Patient.ndjson'), file('night/Condition.ndjson')];
    const alone = file('other/a.json');
    expect(
      looks([0, others, alone], [900, others, patients, alone], [1_000, others, patients, alone]),
    ).toEqual([[], [], ['other/a.json']]);
    expect(looks([0, others], [900, others, patients], [1_900, others, patients]).at(-1)).toEqual([
      ...['night/Condition.ndjson', 'night/Patient.ndjson'],
    ]);
  });

  test.each(['b.part', 'b.ndjson.tmp', 'B.PARTIAL', 'b.filepart', 'b.crdownload', 'b.swp'])(
    'when %s beside it has got its name, or after ten times as long',
    (name) => {
      const [whole, part] = [file('a.json'), file(name)];
      expect(looks([0, whole, part], [2_000, whole, part], [2_100, whole, file('b.json')])).toEqual(
        [[], [], []],
      );
      expect(looks([0, whole, part], [9_999, whole, part], [10_000, whole, part])).toEqual([
        ...[[], [], ['a.json']],
      ]);
    },
  );
});

test.each([
  ['.hidden', true],
  ['a/.sync/b.json', true],
  ['.~lock.a.json', true],
  ['a.b/c.json', false],
])('%s is nobody’s to send: %s', (name, hidden) => expect(isHidden(name)).toBe(hidden));
