import type { SqlTransaction } from '../../../store/database.js';
import type { Origin, RefusedResource } from '../bundle.js';
import {
  type Prepared,
  type PreparedEntry,
  prepare,
  type ValidatedEntries,
  validateLine,
} from '../prepare.js';
import {
  NONE_STORED,
  type Stored,
  type StoreOptions,
  storePrepared,
  sumOfStored,
} from '../store.js';
import { fhirValidator } from '../validate.js';
import { storedMatches } from './matches.js';

/** The result of storing a batch of lines. */
export interface StoredLines {
  readonly stored: Stored;
  /** All that was prepared, in order. */
  readonly entries: readonly PreparedEntry[];
  /** Refused entries of lines with searches, which could not be prepared. */
  readonly refused: readonly RefusedResource[];
}

interface Options {
  readonly origin: Origin;
  readonly how: StoreOptions;
  /** Selects the part of a prepared line that is to be stored now. */
  readonly wanted: (prepared: Prepared) => Prepared;
}

interface AskingLine extends ValidatedEntries {
  readonly number: number;
}

/** A batch that only what is stored can still say something about. */
export interface ValidatedLines {
  readonly entries: readonly PreparedEntry[];
  readonly asking: readonly AskingLine[];
}

/** Lines that are stored together: none searches for what another one writes. */
interface Group {
  readonly entries: PreparedEntry[];
  readonly asking: AskingLine[];
  readonly types: Set<string>;
}

/**
 * Stores a batch of lines in order. A line with a search sees what the lines before it stored.
 * Consecutive lines that search for other types than they contain are handled together.
 */
export async function storeLines(
  tx: SqlTransaction,
  { entries, asking }: ValidatedLines,
  options: Options,
): Promise<StoredLines> {
  if (asking.length === 0) {
    return { stored: await storePrepared(tx, entries, options.how), entries, refused: [] };
  }
  const done: StoredLines[] = [];
  for (const group of groupsOf(entries, asking)) {
    done.push(await storeGroup(tx, group, options));
  }
  return {
    stored: done.map(({ stored }) => stored).reduce(sumOfStored, NONE_STORED),
    entries: done.flatMap((one) => one.entries),
    refused: done.flatMap(({ refused }) => refused),
  };
}

/** Validates the lines that ask for what is stored, before the transaction: it may take seconds. */
export async function validateAsking(
  { entries, asking = [] }: Prepared,
  origin: Origin,
): Promise<ValidatedLines> {
  if (asking.length === 0) return { entries, asking: [] };
  const requireValid = await fhirValidator();
  const validated = asking.map((line): AskingLine => {
    return { number: line.number, ...validateLine(line, requireValid, origin) };
  });
  return { entries, asking: validated };
}

function groupsOf(
  entries: readonly PreparedEntry[],
  asking: readonly AskingLine[],
): readonly Group[] {
  const groups: Group[] = [];
  const ahead = [...asking];
  let group = newGroup();
  const add = (line: AskingLine) => {
    if (line.asked.some(({ type }) => group.types.has(type))) {
      groups.push(group);
      group = newGroup();
    }
    group.asking.push(line);
    for (const { name } of [...line.valid, ...line.deleted]) group.types.add(name.type);
  };
  for (const entry of entries) {
    while (ahead[0] !== undefined && ahead[0].number < entry.order)
      add(ahead.shift() as AskingLine);
    group.entries.push(entry);
    if ('name' in entry) group.types.add(entry.name.type);
  }
  for (const line of ahead) add(line);
  return [...groups, group];
}

function newGroup(): Group {
  return { entries: [], asking: [], types: new Set() };
}

async function storeGroup(
  tx: SqlTransaction,
  { entries, asking }: Group,
  { origin, how, wanted }: Options,
): Promise<StoredLines> {
  const matches = await storedMatches(
    tx,
    asking.flatMap(({ asked }) => asked),
  );
  const prepared = asking.map((line) => wanted(prepare(line, origin, matches)));
  const all = [...entries, ...prepared.flatMap((one) => one.entries)];
  all.sort((a, b) => a.order - b.order);
  const stored = await storePrepared(tx, all, how);
  return { stored, entries: all, refused: prepared.flatMap(({ refused }) => refused) };
}
