import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importDocuments } from '../../../src/core/import/import-documents.js';
import { filesOf } from '../../../src/core/import/import-files.js';
import {
  type ImportReport,
  NO_ENDS,
  refusedCount,
} from '../../../src/core/import/import-report.js';
import { readTextFile } from '../../../src/core/import/json-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ONE = '{"a":1}';
const PRETTY = '{\n  "a": 1\n}\n';
const TWO = `${ONE}\n{"a":2}\n`;

async function write(name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

/** Every form of a file, with how many documents it has; undefined where nobody can read it. */
const FORMS: readonly (readonly [name: string, content: string | Buffer, count?: number])[] = [
  ['a.json', ONE, 1],
  ['A.JSON', PRETTY, 1],
  ['a.json.gz', gzipSync(PRETTY), 1],
  ['a.ndjson', TWO, 2],
  ['a.NDJSON', TWO, 2],
  ['a.jsonl', TWO, 2],
  ['a.ndjson.gz', gzipSync(TWO), 2],
  ['a.JSONL.GZ', gzipSync(TWO), 2],
  ['one-line.jsonl', ONE, 1],
  ['without-an-end', PRETTY, 1],
  ['without-an-end-either', TWO, 2],
  ['packed-without-an-end', gzipSync(TWO), 2],
  ['a.fhir', `\uFEFF${ONE}`, 1],
  ['a.txt', `[${ONE}]`, 1],
  ['sub/folder/a.json', ONE, 1],
  ['sub/a', ONE, 1],
  ['a.xml', '<Bundle/>'],
  ['README', 'Please import these.'],
  ['notes.txt', '[draft] to be sent'],
  ['.DS_Store', Buffer.from([0, 0, 0, 1, 66, 117, 100, 49])],
  ['a.zip', Buffer.from('PK\u0003\u0004')],
  ['empty', ''],
];

const take = async (_: unknown, file: string): Promise<ImportReport> => ({
  ...NO_ENDS,
  file,
  taken: 1,
  refused: [],
});

describe('a folder', () => {
  test('is read whole, and what is not read is named', async () => {
    for (const [name, content] of FORMS) await write(name, content);
    const told: string[] = [];
    const reports = await importDocuments(folder, take, ({ file }) => told.push(file));
    expect(told).toEqual(FORMS.map(([name]) => name).sort());
    const found = new Map(reports.map((report) => [report.file, report]));
    for (const [name, , count = 0] of FORMS) {
      const { taken, refused } = found.get(name) ?? emptyReport(name);
      expect([name, taken, refused.map(({ code }) => code)]).toEqual([
        ...[name, count],
        count === 0 ? ['FILE_SKIPPED'] : [],
      ]);
    }
    expect(reports.reduce((sum, report) => sum + refusedCount(report), 0)).toBe(6);
  });

  test('is not left by a link, and a link that leads nowhere is named', async () => {
    await write('sub/a.json', ONE);
    await symlink('..', join(folder, 'sub', 'up'));
    await symlink('nowhere', join(folder, 'gone.json'));
    await symlink(join('sub', 'a.json'), join(folder, 'linked.json'));
    const reports = await importDocuments(folder, take);
    expect(reports.map(({ file, taken }) => [file, taken])).toEqual([
      ['gone.json', 0],
      ['linked.json', 1],
      ['sub/a.json', 1],
      ['sub/up', 0],
    ]);
  });
});

describe('a file that is named', () => {
  test('is JSON if it shows nothing else, and is refused as such', async () => {
    await write('a.bin', 'nothing');
    const [report] = await importDocuments(join(folder, 'a.bin'), take);
    expect(report?.refused[0]?.code).toBe('JSON_MALFORMED');
    expect(await filesOf(join(folder, 'a.bin'))).toMatchObject([{ name: 'a.bin', form: 'JSON' }]);
  });

  test('of lines has each refused line named', async () => {
    await write('a.jsonl', `${ONE}\n\n{"a":\n${ONE}`);
    const [report] = await importDocuments(join(folder, 'a.jsonl'), take);
    expect(report).toMatchObject({
      taken: 2,
      refused: [{ path: 'line 3', code: 'JSON_MALFORMED' }],
    });
  });

  test('of gzip is inflated to no more than a file may have', async () => {
    await write('bomb.json.gz', gzipSync(Buffer.alloc(20_000, ' ')));
    const bomb = join(folder, 'bomb.json.gz');
    await expect(readTextFile(bomb, 19_999)).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' });
    expect(await readTextFile(bomb, 20_000)).toHaveLength(20_000);
  });

  test('that is not there ends the import', async () => {
    await expect(importDocuments(join(folder, 'x'), take)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });
});

function emptyReport(file: string): ImportReport {
  return { ...NO_ENDS, file, refused: [] };
}
