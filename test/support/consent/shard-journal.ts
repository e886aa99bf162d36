import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * What a register told the world before it was killed. A killed process keeps what it has written to
 * a file, so an entry that is here was acknowledged, and one that is not may have happened or not.
 */
export type JournalEntry =
  | {
      readonly kind: 'registered';
      readonly index: number;
      readonly leaf: string;
      readonly w: string;
    }
  | { readonly kind: 'appended'; readonly index: number; readonly leaves: readonly string[] }
  | { readonly kind: 'ending' | 'withdrawn' | 'erased'; readonly index: number };

export function note(file: string, entry: JournalEntry): void {
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

export function readJournal(file: string): JournalEntry[] {
  return linesOf(file).map((line) => JSON.parse(line) as JournalEntry);
}

/**
 * The ledger's part: a list of shard roots that outlives the process that anchors. All that the
 * register needs of a ledger is that a root it confirmed stays confirmed; anchoring.test.ts has the
 * real one.
 */
export function confirmRoot(file: string, shardRoot: bigint): void {
  const opened = openSync(file, 'a');
  writeSync(opened, `${shardRoot}\n`);
  fsyncSync(opened);
  closeSync(opened);
}

export function confirmedRoots(file: string): ReadonlySet<string> {
  return new Set(linesOf(file));
}

/** Whole lines: the last one may have been cut off by a kill. */
function linesOf(file: string): string[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
  return text.split('\n').slice(0, -1);
}
