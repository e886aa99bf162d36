import { DomainError } from '../core/errors.js';

/** Characters in one line at most: far beyond any resource but one with embedded documents. */
const MAX_LINE = 16 * 1024 * 1024;

/** A line that is not empty, and its number from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * Splits text into lines as it arrives.
 *
 * @throws DomainError INPUT_TOO_LARGE for a line that could fill the memory, FILE_UNREADABLE.
 */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = '';
  let number = 0;
  for await (const chunk of readable(chunks)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) {
      throw new DomainError('INPUT_TOO_LARGE', { line: number + lines.length + 1, most: MAX_LINE });
    }
    for (const text of lines) {
      number += 1;
      if (text.trim() !== '') yield { number, text };
    }
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest };
}

async function* readable(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}
