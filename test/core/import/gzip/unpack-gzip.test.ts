import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../../../src/core/errors.js';
import { readTextFile } from '../../../../src/core/import/json-file.js';
import { receiveUpload } from '../../../../src/federation/operator/upload.js';
import { bytesOf } from '../../../../src/records/import/open-file.js';

const FIRST = gzipSync('first\n');
const SECOND = gzipSync('second\n');
const ZERO = Buffer.alloc(1);
const ZEROS = Buffer.alloc(700_000);

const WHOLE: readonly [string, readonly Buffer[], string][] = [
  ['one member', [FIRST], 'first\n'],
  ['two members', [FIRST, SECOND], 'first\nsecond\n'],
  ['a member of nothing between', [FIRST, gzipSync(''), SECOND], 'first\nsecond\n'],
  ['zeros behind it', [FIRST, SECOND, ZERO], 'first\nsecond\n'],
  ['many zeros behind it', [FIRST, ZEROS], 'first\n'],
];
const BROKEN: readonly [string, readonly Buffer[]][] = [
  ['a zero and another member', [FIRST, ZERO, SECOND]],
  ['many zeros and another member', [FIRST, ZEROS, SECOND]],
  ['a zero and other bytes', [FIRST, ZERO, Buffer.from('{}')]],
  ['other bytes', [FIRST, Buffer.from('{"resourceType":"Patient"}\n')]],
  ['half a member', [FIRST, SECOND.subarray(0, -9)]],
  ['a zero and half a member', [FIRST, ZERO, SECOND.subarray(0, 5)]],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-gzip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (parts: readonly Buffer[]) => {
  const path = join(folder, 'packed.gz');
  await writeFile(path, Buffer.concat(parts));
  return path;
};
async function upload(chunks: readonly Buffer[]): Promise<string> {
  const path = join(folder, 'upload');
  const raw = Readable.from(chunks, { objectMode: false });
  const headers = { 'content-encoding': 'gzip' };
  await receiveUpload({ raw, headers } as never, path, 1_000_000);
  try {
    return await readTextFile(path);
  } finally {
    await rm(path);
  }
}
const READERS: readonly [string, (parts: readonly Buffer[]) => Promise<string>, string][] = [
  ['an upload in one piece', (parts) => upload([Buffer.concat(parts)]), 'BAD_INPUT'],
  ['an upload in pieces', upload, 'BAD_INPUT'],
  [
    'a file that is read whole',
    async (parts) => readTextFile(await write(parts)),
    'FILE_UNREADABLE',
  ],
  [
    'a file that is read as it comes',
    async (parts) => {
      const read: Buffer[] = [];
      for await (const chunk of bytesOf(await write(parts), 0)) read.push(chunk);
      return Buffer.concat(read).toString();
    },
    'FILE_UNREADABLE',
  ],
];

describe.each(READERS)('gzip in %s', (_, read, code) => {
  test.each(WHOLE)('is taken whole: %s', async (_name, parts, text) => {
    expect(await read(parts)).toBe(text);
  });

  test.each(BROKEN)('is refused with more behind it: %s', async (_name, parts) => {
    const failed = await read(parts).then(
      (text) => `took ${JSON.stringify(text)}`,
      (failure: unknown) => codeOf(failure),
    );
    expect(failed).toBe(code);
  });
});
