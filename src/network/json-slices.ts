import { setImmediate as turn } from 'node:timers/promises';

/** Bytes parsed without a pause: less than a millisecond's work. */
const SLICE_BYTES = 64 * 1024;
/** Bytes scanned without a pause. */
const SCAN_BYTES = 512 * 1024;
/** How deep large lists and objects are split; below this they are parsed whole. */
const MAX_CUT_DEPTH = 6;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** From the first byte to the one before `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses large JSON in slices, between which this process does other work. The result is that of
 * `JSON.parse`.
 *
 * A worker thread would not help: its result has to be copied back, which takes this thread as long
 * as parsing. Bound nesting and values first (core/import/json-bounds.ts).
 *
 * @throws SyntaxError for what is not JSON.
 */
export function parseInSlices(bytes: Buffer, sliceBytes = SLICE_BYTES): Promise<unknown> {
  return parsePart(bytes, trimmed(bytes, { start: 0, end: bytes.length }), sliceBytes, 0);
}

async function parsePart(
  bytes: Buffer,
  part: Part,
  sliceBytes: number,
  depth: number,
): Promise<unknown> {
  const open = bytes[part.start];
  const isContainer = open === OPEN_LIST || open === OPEN_OBJECT;
  if (part.end - part.start <= sliceBytes || !isContainer || depth === MAX_CUT_DEPTH) {
    return JSON.parse(textOf(bytes, part));
  }
  if (bytes[part.end - 1] !== (open === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT)) throw malformed();
  const inner = { start: part.start + 1, end: part.end - 1 };
  const parse = (value: Part) => parsePart(bytes, value, sliceBytes, depth + 1);
  const into: Slices = open === OPEN_LIST ? new ListSlices() : new ObjectSlices();
  let group: Part | undefined;
  for (const one of cut(bytes, inner)) {
    if (one === undefined) {
      await turn();
      continue;
    }
    const isLarge = one.end - one.start > sliceBytes;
    if (group !== undefined && (isLarge || one.end - group.start > sliceBytes)) {
      into.addGroup(textOf(bytes, group));
      group = undefined;
      await turn();
    }
    if (isLarge) await into.addLarge(bytes, one, parse);
    else group = { start: group?.start ?? one.start, end: one.end };
  }
  if (group !== undefined) into.addGroup(textOf(bytes, group));
  return into.value;
}

/** Parses the contents of one list or object: small neighbours together, large ones alone. */
interface Slices {
  readonly value: unknown;
  addGroup(text: string): void;
  addLarge(bytes: Buffer, part: Part, parse: (value: Part) => Promise<unknown>): Promise<void>;
}

class ListSlices implements Slices {
  readonly value: unknown[] = [];

  addGroup(text: string): void {
    for (const one of JSON.parse(`[${text}]`)) this.value.push(one);
  }

  async addLarge(_: Buffer, part: Part, parse: (value: Part) => Promise<unknown>): Promise<void> {
    this.value.push(await parse(part));
  }
}

class ObjectSlices implements Slices {
  readonly value: Record<string, unknown> = {};

  addGroup(text: string): void {
    for (const [name, one] of Object.entries(JSON.parse(`{${text}}`))) this.#define(name, one);
  }

  async addLarge(
    bytes: Buffer,
    part: Part,
    parse: (value: Part) => Promise<unknown>,
  ): Promise<void> {
    const nameEnd = endOfText(bytes, part);
    const name: unknown = JSON.parse(textOf(bytes, { start: part.start, end: nameEnd }));
    const rest = trimmed(bytes, { start: nameEnd, end: part.end });
    if (typeof name !== 'string' || bytes[rest.start] !== COLON) throw malformed();
    this.#define(name, await parse(trimmed(bytes, { start: rest.start + 1, end: rest.end })));
  }

  /** As JSON.parse does: a member named __proto__ is a member. */
  #define(name: string, value: unknown): void {
    Object.defineProperty(this.value, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

/**
 * The parts between the commas of this level, none of them empty; yields undefined when it is time
 * for a pause.
 */
function* cut(bytes: Buffer, { start, end }: Part): Generator<Part | undefined> {
  let from = start;
  let depth = 0;
  let pausedAt = start;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, { start: at, end }) - 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    else if (byte === COMMA && depth === 0) {
      yield nonEmpty(trimmed(bytes, { start: from, end: at }));
      from = at + 1;
    }
    if (at - pausedAt > SCAN_BYTES) {
      pausedAt = at;
      yield undefined;
    }
  }
  const last = trimmed(bytes, { start: from, end });
  // Nothing at all between the brackets is an empty list or object.
  if (from > start || last.start < last.end) yield nonEmpty(last);
}

/** @returns where the string that begins at `start` ends: after its closing quote. */
function endOfText(bytes: Buffer, { start, end }: Part): number {
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return end;
}

function nonEmpty(part: Part): Part {
  if (part.start === part.end) throw malformed();
  return part;
}

/** Trims the white space of JSON. */
function trimmed(bytes: Buffer, { start, end }: Part): Part {
  const isBlank = (at: number) => [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] ?? 0);
  let [first, last] = [start, end];
  while (first < last && isBlank(first)) first += 1;
  while (last > first && isBlank(last - 1)) last -= 1;
  return { start: first, end: last };
}

function textOf(bytes: Buffer, { start, end }: Part): string {
  return bytes.toString('utf8', start, end);
}

function malformed(): SyntaxError {
  return new SyntaxError('not JSON');
}
