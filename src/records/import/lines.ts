import { isUtf8 } from 'node:buffer';
import { DomainError } from '../../core/errors.js';

/**
 * Maximum bytes in a line: far more than any resource needs, except one with embedded documents.
 */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line that is not empty, and its place; or why it cannot be decoded. */
export type Line = LinePlace & ({ readonly text: string } | { readonly refusal: DomainError });

export interface LinePlace {
  /** From 1. */
  readonly number: number;
  /** Exclusive, after its newline: where the next line starts. */
  readonly endByte: number;
}

/** How much of a file lies before a place in it. */
export interface LinesBehind {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Splits bytes into lines as they arrive, holding at most one line in memory.
 *
 * A line beyond MAX_LINE_BYTES is dropped as it arrives and yielded as INPUT_TOO_LARGE, one that is
 * not UTF-8 as BAD_INPUT: neither affects the lines around it. Lines may end in LF or CRLF, and the
 * last one needs no newline.
 *
 * @param behind - how much of the file lies before these bytes.
 * @param wants - which lines to decode, by number; the others are skipped.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  behind: LinesBehind = { lines: 0, bytes: 0 },
  wants: (number: number) => boolean = () => true,
): AsyncGenerator<Line> {
  const splitter = new LineSplitter(behind, wants);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

class LineSplitter {
  /** Pieces of the current line; empty once it is too long. */
  private pieces: Buffer[] = [];
  private heldBytes = 0;
  private number: number;
  private endByte: number;

  constructor(
    behind: LinesBehind,
    private readonly wants: (number: number) => boolean,
  ) {
    this.number = behind.lines;
    this.endByte = behind.bytes;
  }

  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      yield* this.finish(chunk.subarray(from, at), 1);
      from = at + 1;
    }
    if (from < chunk.length) this.hold(chunk.subarray(from));
  }

  *end(): Generator<Line> {
    if (this.heldBytes > 0) yield* this.finish(Buffer.alloc(0), 0);
  }

  private hold(piece: Buffer): void {
    this.heldBytes += piece.length;
    if (this.heldBytes > MAX_LINE_BYTES) this.pieces = [];
    else this.pieces.push(piece);
  }

  private *finish(last: Buffer, newlineBytes: number): Generator<Line> {
    const bytes = this.heldBytes + last.length;
    const { pieces } = this;
    this.number += 1;
    this.endByte += bytes + newlineBytes;
    this.pieces = [];
    this.heldBytes = 0;
    if (!this.wants(this.number)) return;
    const place = { number: this.number, endByte: this.endByte };
    if (bytes > MAX_LINE_BYTES) {
      const refusal = new DomainError('INPUT_TOO_LARGE', { bytes, most: MAX_LINE_BYTES });
      yield { ...place, refusal };
      return;
    }
    const line = pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
    yield* decoded(place, place.number === 1 ? withoutMark(line) : line);
  }
}

function* decoded(place: LinePlace, line: Buffer): Generator<Line> {
  if (!isUtf8(line)) {
    yield { ...place, refusal: new DomainError('BAD_INPUT', { encoding: 'not UTF-8' }) };
    return;
  }
  const text = line.toString('utf8').trim();
  if (text !== '') yield { ...place, text };
}

/** A byte order mark is common at the start of exported files and not part of the JSON. */
function withoutMark(line: Buffer): Buffer {
  return line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? line.subarray(3) : line;
}
