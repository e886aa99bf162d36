import { DomainError } from '../errors.js';
import { jsonPath } from './import-report.js';
import { type JsonBounds, JsonCounter } from './json-bounds.js';

/** What a name of a member must look like to be told in an error: any other could be a value. */
const ELEMENT_NAME = /^[A-Za-z_@][\w:@-]{0,63}$/;

/**
 * Parses JSON whose objects name each member once. RFC 8259 leaves open which of two counts, and
 * JSON.parse takes the last: a second `subject` would make a record another person's.
 *
 * Names are compared as parsed, so that an escape (`\u0073ubject`) hides none.
 *
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; JSON_KEY_DOUBLED {path}: where the second one
 * stands; SyntaxError for what is no JSON.
 */
export function parseSingleJson(text: string, bounds: JsonBounds): unknown {
  const counter = new JsonCounter(bounds);
  counter.take(new TextEncoder().encode(text));
  const value: unknown = JSON.parse(text);
  // What was parsed has fewer members than the text exactly if one of them was overwritten.
  if (counter.members === membersIn(value)) return value;
  throw new DomainError('JSON_KEY_DOUBLED', { path: jsonPath(...pathOfDoubled(text)) });
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const one of value) count += membersIn(one);
    return count;
  }
  for (const name in value) {
    count += 1 + membersIn((value as Readonly<Record<string, unknown>>)[name]);
  }
  return count;
}

/** An object or a list under way: which member of it is being read. */
interface Level {
  /** Of an object, the names that it has so far; undefined in a list. */
  readonly names: Set<string> | undefined;
  step: string | number;
  expectsName: boolean;
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;

/** The way to the first member whose name its object has already; of text that is JSON. */
function pathOfDoubled(text: string): readonly PropertyKey[] {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const top = levels.at(-1);
    const char = text[at];
    if (char === '{') levels.push({ names: new Set(), step: '', expectsName: true });
    else if (char === '[') levels.push({ names: undefined, step: 0, expectsName: false });
    else if (char === '}' || char === ']') levels.pop();
    else if (char === ',' && top !== undefined) next(top);
    else if (char === '"') {
      STRING.lastIndex = at;
      const [string = '"'] = STRING.exec(text) ?? [];
      at += string.length - 1;
      if (top?.expectsName && isDoubled(top, JSON.parse(string) as string)) break;
    }
  }
  return levels.map(({ step }) =>
    typeof step === 'string' && !ELEMENT_NAME.test(step) ? '?' : step,
  );
}

function next(level: Level): void {
  if (level.names !== undefined) level.expectsName = true;
  else level.step = Number(level.step) + 1;
}

function isDoubled(level: Level, name: string): boolean {
  level.step = name;
  level.expectsName = false;
  if (level.names?.has(name)) return true;
  level.names?.add(name);
  return false;
}
