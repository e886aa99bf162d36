import { canonicalJson } from '../canonical-json.js';

/*
 * FHIR's decimals are as exact as they are written: 1.10 says more than 1.1, and 17 digits are more
 * than a double holds. JSON.parse makes the same number of both. So what a double does not give
 * back as it was written is kept next to it, in the same object, and everything else stays a
 * number.
 *
 * @source FHIR R4, datatypes.html#decimal: the precision of the decimal value has significance
 */

/** The property that an object keeps its numbers under, as they were written; spread copies it. */
const AS_WRITTEN: unique symbol = Symbol('numbers as written');

/** Stands before a number in a text that is no other's, as long as nobody can guess it. */
const MARK = `number-${Math.random().toString(36).slice(2)}-`;
const MARKED = new RegExp(`"${MARK}([^"]+)"`, 'g');

/** Where a number could be that a double changes: an exponent, a last zero, or many digits. */
const SUSPECT = /\.\d*0[\s,}\]]|\d[eE][+-]?\d|[\d.]{17}|-0[\s,}\]]/;
/** A text, which is passed over, or a number: of what is JSON, there is no third. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

type Holder = Record<PropertyKey, unknown> & { [AS_WRITTEN]?: Record<string, string> };

/**
 * Parses JSON so that decimalIn and canonicalExactJson know its numbers as they were written.
 *
 * @param parse - what parses, and throws for what is no JSON. It sees the text as it is first.
 */
export function parseExact(text: string, parse: (text: string) => unknown): unknown {
  const plain = parse(text);
  if (!SUSPECT.test(text)) return plain;
  let changed = false;
  const marked = text.replace(TOKEN, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    changed = true;
    return `"${MARK}${token}"`;
  });
  return changed ? unmarked(JSON.parse(marked)) : plain;
}

/** Turns marked texts into numbers, in place. */
function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Holder;
  let kept: Record<string, string> | undefined;
  for (const key in holder) {
    const one = holder[key];
    if (typeof one === 'string' && one.startsWith(MARK)) {
      const written = one.slice(MARK.length);
      holder[key] = Number(written);
      // One object for each holder: a copy for each number would be n² work. Without a prototype,
      // since the names come from outside.
      kept ??= Object.create(null) as Record<string, string>;
      kept[key] = written;
    } else {
      unmarked(one);
    }
  }
  if (kept !== undefined) holder[AS_WRITTEN] = kept;
  return value;
}

/** A number of an object as it was written; undefined if it has none of that name. */
export function decimalIn<Name extends string>(
  object: { readonly [Key in Name]?: number },
  name: Name,
): string | undefined {
  const value = object[name];
  if (value === undefined) return undefined;
  const written = (object as Holder)[AS_WRITTEN]?.[name];
  // Who changed the number since then changed what is written.
  return written !== undefined && Number(written) === value ? written : String(value);
}

/** As canonicalJson, but for numbers that parseExact keeps: they stay as they were written. */
export function canonicalExactJson(value: unknown): string {
  return hasWritten(value)
    ? canonicalJson(marked(value)).replace(MARKED, '$1')
    : canonicalJson(value);
}

function hasWritten(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ((value as Holder)[AS_WRITTEN] !== undefined) return true;
  for (const key in value) if (hasWritten((value as Holder)[key])) return true;
  return false;
}

function marked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Holder;
  const copy = (Array.isArray(value) ? [] : {}) as Holder;
  for (const key in holder) {
    const written = holder[AS_WRITTEN]?.[key];
    const isKept = written !== undefined && Number(written) === holder[key];
    copy[key] = isKept ? MARK + written : marked(holder[key]);
  }
  return copy;
}
