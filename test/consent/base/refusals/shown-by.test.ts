import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  canRefuse,
  REFUSAL_CODES,
  type RefusalCode,
} from '../../../../src/consent/base/refusal-code.js';
import { DomainError } from '../../../../src/core/errors.js';
import { SHOWN_BY } from './shown-by.js';

const textOf = (name: string) =>
  readFileSync(new URL(`../../../${name}.ts`, import.meta.url), 'utf8').replaceAll("\\'", "'");

test('every code that an answer can refuse with has a test that shows it, and no other code', () => {
  expect(Object.keys(SHOWN_BY).sort()).toEqual(Object.keys(REFUSAL_CODES).sort());
});

test.each(Object.entries(SHOWN_BY))('%s is shown where the table says', (code, shown) => {
  const suite = textOf(`${shown.suite}.test`);
  const table = shown.table === undefined ? suite : textOf(shown.table);
  expect(table).toContain(shown.test);
  expect(suite + table).toContain(code);
  // What only its rule shows is an answer because every answer tells such an error as a refusal.
  const isTold = canRefuse(new DomainError(code as RefusalCode));
  if (shown.at === 'rule') expect(isTold).toBe(true);
});
