import { expect, test } from 'vitest';
import { keptForms } from '../../src/core/kept-forms.js';

test('makes a form once, and one for each set of keys', () => {
  const made: string[] = [];
  const formOf = keptForms((institution: string, most: number) => {
    made.push(`${institution} ${most}`);
    return { institution, most };
  });
  expect(formOf('riverside', 2)).toBe(formOf('riverside', 2));
  expect(formOf('riverside', 3)).toEqual({ institution: 'riverside', most: 3 });
  expect(formOf('lakeshore', 2)).toEqual({ institution: 'lakeshore', most: 2 });
  expect(made).toEqual(['riverside 2', 'riverside 3', 'lakeshore 2']);
});

test('keeps those used last, however many are asked for', () => {
  let made = 0;
  const formOf = keptForms((most: number) => {
    made += 1;
    return { most, nth: made };
  });
  for (let most = 0; most < 1_000; most += 1) {
    formOf(0);
    formOf(most);
  }
  expect(made).toBe(1_000);
  expect(formOf(0).nth).toBe(1);
  expect(formOf(1).nth).toBe(1_001);
});
