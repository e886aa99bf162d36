/**
 * Writes WebAssembly. Only what the hash needs: one exported memory, and functions of i32
 * parameters.
 *
 * @source WebAssembly core specification 2.0, chapter 5 (binary format)
 */

/** Instructions in the order in which they run, nested as they were composed. */
export type Code = number | Uint8Array | readonly Code[];

/** A value type's byte. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;

/** A function of i32 parameters; `locals` are the value types of the others, in order. */
export interface WasmFunction {
  readonly parameters: number;
  readonly returnsI32: boolean;
  readonly locals: readonly number[];
  readonly body: Code;
}

const BLOCK_WITHOUT_RESULT = 0x40;
const END = 0x0b;

/** LEB128 of an index, a size or an offset. */
export function unsigned(value: number): Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40
    ? value & 0x7f
    : [(value & 0x7f) | 0x80, signed(value >> 7)];
}

export const i32 = (value: number): Code => [0x41, signed(value)];
export const i64 = (value: number): Code => [0x42, signed(value)];
export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
export const call = (index: number, ...operands: Code[]): Code => [operands, 0x10, unsigned(index)];
export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
export const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
export const subtract = (a: Code, b: Code): Code => [a, b, 0x6b];
export const and = (a: Code, b: Code): Code => [a, b, 0x71];

/** Moves a pointer or a count on. */
export const advance = (local: number, by: Code): Code => set(local, add(get(local), by));

/** Whether a < b, both taken for unsigned. */
export const isLess = (a: Code, b: Code): Code => [a, b, 0x49];
export const select = (condition: Code, yes: Code, no: Code): Code => [yes, no, condition, 0x1b];

/** Runs the body until the condition after it is zero, at least once. */
export function doWhile(condition: Code, body: Code): Code {
  const branchToStart = [0x0d, 0];
  return [0x03, BLOCK_WITHOUT_RESULT, body, condition, branchToStart, END];
}

/** Runs the body `times` times, at least once; `counter` counts down to 1. */
export function repeat(counter: number, times: Code, body: Code): Code {
  const decremented: Code = [subtract(get(counter), i32(1)), 0x22, unsigned(counter)];
  return [set(counter, times), doWhile(decremented, body)];
}

/**
 * The bytes of a module that exports `memory`, of so many pages of 64 KiB, and some functions by
 * name.
 */
export function wasmModule(
  functions: readonly WasmFunction[],
  exported: Readonly<Record<string, number>>,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, returnsI32 }) => [
    0x60,
    vector(Array(parameters).fill(I32)),
    vector(returnsI32 ? [I32] : []),
  ]);
  const bodies = functions.map(({ locals, body }) =>
    sized([vector(locals.map((type) => [1, type])), body, END]),
  );
  const exports = Object.entries(exported).map(([name, index]) => [text(name), 0, unsigned(index)]);
  return bytesOf([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, sized(vector(types))],
    [3, sized(vector(functions.map((_, index) => unsigned(index))))],
    [5, sized(vector([[0, unsigned(pages)]]))],
    [7, sized(vector([...exports, [text('memory'), 2, 0]]))],
    [10, sized(vector(bodies))],
  ]);
}

function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

function sized(code: Code): Code {
  const bytes = bytesOf(code);
  return [unsigned(bytes.length), bytes];
}

function text(ascii: string): Code {
  return vector([...ascii].map((letter) => letter.charCodeAt(0)));
}

function bytesOf(code: Code): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  append(code, bytes);
  return Uint8Array.from(bytes);
}

function append(code: Code, bytes: number[]): void {
  if (typeof code === 'number') {
    bytes.push(code);
    return;
  }
  for (let i = 0; i < code.length; i += 1) append(code[i] ?? 0, bytes);
}
