import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../../bench/load/judge.js';

const row = (id: string, value = 1) => ({ id, value });
const page = (rows: readonly object[], complete = true) => ({ complete, nodes: rows });
const data = (rows: readonly object[], complete = true) => ({
  study: { page: page(rows, complete) },
});
const right = data([row('a'), row('b'), row('c')]);
const error = (code: string, ...path: string[]) => [{ path, extensions: { code } }];

/** An instrument that finds nothing measures nothing: each kind of lie is shown to it. */
describe('the judge of answers under load', () => {
  test.each<[string, Parameters<typeof judgeAnswer>[1]]>([
    ['the whole answer', { data: right }],
    ['a part that says so', { data: data([row('a'), row('c')], false) }],
    ['nothing of a page that says so', { data: data([], false) }],
    [
      'null with an error at its place',
      { data: { study: null }, errors: error('SOURCE_UNAVAILABLE', 'study') },
    ],
    [
      'no data with an error below',
      { data: null, errors: error('SOURCE_UNAVAILABLE', 'study', 'page') },
    ],
    [
      'another latency',
      { data: { study: { latencyMs: 7, page: page([row('a'), row('b'), row('c')]) } } },
    ],
  ])('takes %s', (_what, answer) => {
    expect(judgeAnswer(right, answer)).toEqual([]);
  });

  test.each<[string, Parameters<typeof judgeAnswer>[1], string]>([
    ['null without a word', { data: { study: null } }, 'missing and not told'],
    [
      'null with another error',
      { data: { study: null }, errors: error('INTERNAL', 'study') },
      'missing and not told',
    ],
    [
      'an error elsewhere',
      { data: { study: null }, errors: error('SOURCE_UNAVAILABLE', 'trials') },
      'missing and not told',
    ],
    [
      'a row less that says it is all',
      { data: data([row('a'), row('b')]) },
      'missing and not told',
    ],
    ['a row that nobody has', { data: data([row('a'), row('b'), row('x')]) }, 'wrong'],
    ['a row more', { data: data([row('a'), row('b'), row('c'), row('d')]) }, 'wrong'],
    ['a row twice', { data: data([row('a'), row('a')], false) }, 'wrong'],
    ['a changed value in a part', { data: data([row('a', 2)], false) }, 'wrong'],
    ['another order', { data: data([row('b'), row('a'), row('c')]) }, 'wrong'],
  ])('refuses %s', (_what, answer, kind) => {
    expect(judgeAnswer(right, answer).map((fault) => fault.kind)).toContain(kind);
  });

  test('refuses a value where there is none', () => {
    expect(judgeAnswer({ study: null }, { data: { study: { id: 'x' } } })).toHaveLength(1);
  });
});
