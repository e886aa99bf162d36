import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectFault, readFaults } from '../support/faults/table.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const suites = readdirSync(folder)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));
const faults = readFaults();

describe('the table of faults', () => {
  test.runIf(faults.length > 0).each(faults)('$name is tried by a test of its name', (fault) => {
    const title = new RegExp(
      `(?:test|it)(?:\\.[\\w.]+)?(?:\\([^'"\`]*\\))?\\(\\s*['"\`]${fault.name}: `,
    );
    const tried = suites.filter((text) => title.test(text));
    expect(tried).toHaveLength(1);
    expect(tried[0]).toContain(`expectFault('${fault.name}'`);
    for (const cell of [fault.health, fault.answer, fault.log]) expect(cell).not.toEqual([]);
  });

  test('has no fault twice', () => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('is no table that anything fits', () => {
    expect(() => expectFault('never-heard-of', { health: [], answer: [], log: [] })).toThrow(
      'no row for never-heard-of',
    );
  });
});
