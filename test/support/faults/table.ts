import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** What a part said while a fault lasted: the words of a row of docs/faults.md. */
export interface Observed {
  /** For example `['503', 'DATABASE_UNAVAILABLE']`. */
  readonly health: readonly string[];
  /** `whole`, `sources`, `closed` or error codes. */
  readonly answer: readonly string[];
  /** Messages of level warn and above. */
  readonly log: readonly string[];
}

/** A fault of docs/faults.md: the words that each of its cells allows. */
export interface Fault extends Observed {
  readonly name: string;
}

const PAGE = fileURLToPath(new URL('../../../docs/faults.md', import.meta.url));
const COLUMNS = ['fault', 'what fails', 'health', 'answer', 'log'] as const;

/** Every row of every table of docs/faults.md. Throws for a row that a test could not check. */
export function readFaults(): readonly Fault[] {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    if (cells.length !== COLUMNS.length) throw new Error(`not ${COLUMNS.length} cells: ${line}`);
    const [fault = '', , health = '', answer = '', log = ''] = cells;
    const [name = ''] = wordsOf(fault);
    return { name, health: wordsOf(health), answer: wordsOf(answer), log: wordsOf(log) };
  });
}

/**
 * Holds what a test saw while it produced a fault to the row of that fault: of each cell at least one
 * word, and none that the cell does not have. An empty list is the word `none`.
 */
export function expectFault(name: string, observed: Observed): void {
  const row = readFaults().find((fault) => fault.name === name);
  if (row === undefined) throw new Error(`docs/faults.md has no row for ${name}`);
  for (const column of ['health', 'answer', 'log'] as const) {
    const seen = observed[column].length === 0 ? ['none'] : [...new Set(observed[column])];
    const others = seen.filter((word) => !row[column].includes(word));
    expect(others, `${name}: ${column} beside ${row[column].join(', ')}`).toEqual([]);
  }
}

/** What stands between backquotes. */
function wordsOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}
