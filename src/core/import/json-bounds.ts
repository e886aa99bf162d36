import { DomainError } from '../errors.js';

/** What a text of JSON may hold at most. Each value costs memory that its few bytes do not show. */
export interface JsonBounds {
  /** Lists and objects within one another. */
  readonly maxDepth: number;
  /** Values of any kind, all levels together. */
  readonly maxValues: number;
}

/** Nothing that this product writes nests deeper than 20. */
const MAX_DEPTH = 48;
/** What a value of this product's documents takes with its key at least, on average. */
const BYTES_PER_VALUE = 16;
const MIN_VALUES = 1_000;

/** Bounds for a text that may have so many bytes: as many values as honest text of that size has. */
export function jsonBoundsFor(maxBytes: number): JsonBounds {
  return {
    maxDepth: MAX_DEPTH,
    maxValues: Math.max(MIN_VALUES, Math.ceil(maxBytes / BYTES_PER_VALUE)),
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Counts the values and the nesting of JSON in its bytes, as they come, before anything parses them.
 *
 * It does not check the grammar: text that is no JSON passes if it is small enough.
 */
export class JsonCounter {
  readonly #bounds: JsonBounds;
  #depth = 0;
  #values = 1;
  #members = 0;
  #inText = false;
  #escaped = false;

  constructor(bounds: JsonBounds) {
    this.#bounds = bounds;
  }

  /** Members of all objects so far: in text that is JSON each has one colon outside of strings. */
  get members(): number {
    return this.#members;
  }

  /** @throws DomainError INPUT_TOO_LARGE {measure, most} as soon as a bound is passed. */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#inText) at = this.#skipText(bytes, at);
      else this.#count(bytes[at] ?? 0);
    }
  }

  /** @returns where the text ends, or the last byte if it goes on in the next ones. */
  #skipText(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inText = false;
        return at;
      }
    }
    return bytes.length;
  }

  #count(byte: number): void {
    if (byte === QUOTE) this.#inText = true;
    else if (byte === COMMA) this.#addValue();
    else if (byte === COLON) this.#members += 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#open();
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth -= 1;
  }

  #open(): void {
    const { maxDepth } = this.#bounds;
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw new DomainError('INPUT_TOO_LARGE', { measure: 'depth', most: maxDepth });
    }
    this.#addValue();
  }

  #addValue(): void {
    const { maxValues } = this.#bounds;
    this.#values += 1;
    if (this.#values > maxValues) {
      throw new DomainError('INPUT_TOO_LARGE', { measure: 'values', most: maxValues });
    }
  }
}

/**
 * Parses JSON that somebody else wrote, once its nesting and its number of values are known to be within
 * bounds.
 *
 * @param text - as characters or as UTF-8.
 * @throws DomainError INPUT_TOO_LARGE {measure, most}; SyntaxError for what is no JSON.
 */
export function parseBoundedJson(text: string | Uint8Array, bounds: JsonBounds): unknown {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  new JsonCounter(bounds).take(bytes);
  return JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
}
