import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ImportReport, RefusedEntry } from '../../../src/core/import/import-report.js';
import { MAX_IMPORT_BYTES } from '../../../src/core/import/json-file.js';
import { type ImportOptions, importPath } from '../../../src/records/import/import-path.js';
import { MAX_LINE_BYTES } from '../../../src/records/import/lines.js';
import { MAX_LINE_OBJECTS } from '../../../src/records/import/prepare.js';
import { countRows } from '../../../src/store/count-rows.js';
import { type Database, type DatabaseServer, rowsOf } from '../../../src/store/database.js';
import { collection, condition, observation, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

/** Lines that one transaction takes; what follows begins another. */
const BATCH = 500;

let server: DatabaseServer;
let db: Database;
let folder: string;

beforeAll(async () => {
  server = await openFreshPglite();
  db = await server.open('riverside-hospital');
});
beforeEach(async () => {
  await db.transaction((tx) =>
    tx.execute(
      'TRUNCATE resource, patient, clinical_record, code_display, code_word, import_progress',
    ),
  );
  folder = await mkdtemp(join(tmpdir(), 'assent-lines-'));
  return () => rm(folder, { recursive: true });
});
afterAll(() => server.close());

const textOf = (resources: readonly object[]) =>
  resources.map((one) => `${JSON.stringify(one)}\n`).join('');
/** Cheap to validate, about nobody. */
const basic = (id: number, text = 'a') => ({
  resourceType: 'Basic',
  id: `b${id}`,
  code: { text },
});
const basics = (count: number) => Array.from({ length: count }, (_, id) => basic(id));

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function take(path: string, options?: ImportOptions): Promise<ImportReport> {
  const [report] = await importPath(db, path, options);
  if (report === undefined) throw new Error('no file');
  return report;
}

async function rows(statement: string): Promise<readonly unknown[]> {
  return rowsOf(await db.transaction((tx) => tx.execute(statement)));
}

/** A database whose transactions fail, unwritten, behind the first few: a process that is killed. */
function dyingAfter(transactions: number): Database {
  let left = transactions;
  return {
    ...db,
    transaction: (work, mode) =>
      db.transaction(async (tx) => {
        const result = await work(tx);
        left -= 1;
        if (left < 0) throw new Error('killed');
        return result;
      }, mode),
  };
}

describe('a file of lines', () => {
  test('refuses each line that is wrong by its number, in order, and takes the others', async () => {
    const lines = [
      JSON.stringify(patient('ana')),
      '{broken',
      '',
      JSON.stringify({ resourceType: 'Spaceship', id: 'x' }),
      JSON.stringify(condition('c', 'nobody')),
      JSON.stringify({ ...condition('d', 'ana'), surprise: 1 }),
      `"${'x'.repeat(MAX_LINE_BYTES)}"`,
      JSON.stringify(condition('e', 'ana')),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n`),
      Buffer.from([0xff, 0x0a]),
      Buffer.from(JSON.stringify(basic(1))),
    ]);
    const { taken, refused } = await take(await write('mixed.ndjson', bytes));
    expect(taken).toBe(3);
    const waited = ['line 5 (Condition/c)', 'FHIR_REFERENCE_UNRESOLVED'];
    expect(refused.map(({ path, code }) => [path, code])).toEqual([
      ['line 2', 'JSON_MALFORMED'],
      ['line 4 (Spaceship/x)', 'FHIR_INVALID'],
      ['line 6 (Condition/d)', 'FHIR_INVALID'],
      ['line 7', 'INPUT_TOO_LARGE'],
      ['line 9', 'BAD_INPUT'],
      waited, // It was tried a second time, when all the others were done.
    ]);
    expect(refused[2]?.detail).toContain('Condition.surprise');
  });

  test('lists the first thousand refusals, counts the others, and tells a listener of all', async () => {
    const path = await write('wrong.ndjson', '{broken\n'.repeat(1_250));
    const heard: RefusedEntry[] = [];
    const report = await take(path, { onRefused: (_, entries) => heard.push(...entries) });
    expect(report.refused).toHaveLength(1_000);
    expect(report.refusedUnlisted).toBe(250);
    expect(heard).toHaveLength(1_250);
    expect(heard.at(-1)?.path).toBe('line 1250');
  });

  test('refuses a line of nothing but brackets, before they fill the memory', async () => {
    const extension = Array.from({ length: MAX_LINE_OBJECTS }, () => ({}));
    const lines = [basic(1), { ...basic(2), extension }, basic(3)];
    const { taken, refused } = await take(await write('brackets.ndjson', textOf(lines)));
    expect(taken).toBe(2);
    expect(refused).toMatchObject([{ path: 'line 2', code: 'INPUT_TOO_LARGE' }]);
  });

  test('takes a line whose patient comes batches later', async () => {
    const lines = [condition('c', 'ana'), ...basics(BATCH), patient('ana'), condition('d', 'ana')];
    const report = await take(await write('late.ndjson', textOf(lines)));
    expect(report).toMatchObject({ taken: BATCH + 3, unchanged: 0, refused: [] });
    expect(await countRows(db, 'clinical_record')).toBe(2);
  });

  test.each([
    ['next to each other', 0],
    ['batches apart', BATCH],
  ])('of two lines %s under one id keeps the later', async (_, between) => {
    const lines = [basic(-1, 'first'), ...basics(between), basic(-1, 'second')];
    const report = await take(await write('twice.ndjson', textOf(lines)));
    expect(report).toMatchObject({ taken: between + 2, refused: [] });
    const found = await rows(`SELECT json->'code'->>'text' AS text FROM resource WHERE id = 'b-1'`);
    expect(found).toEqual([{ text: 'second' }]);
  });

  test('is packed or not, with or without a newline at its end', async () => {
    const text = textOf(basics(3));
    const report = await take(await write('packed.ndjson.gz', gzipSync(text)));
    expect(report).toMatchObject({ file: 'packed.ndjson.gz', taken: 3, refused: [] });
    const again = await take(await write('plain.ndjson', `\uFEFF${text.trim()}`));
    expect(again).toMatchObject({ taken: 0, unchanged: 3, refused: [] });
  });

  test('that is packed and cut off is taken up to there, and refused', async () => {
    // Incompressible, so that half of the bytes hold some of the lines.
    const lines = Array.from({ length: 3_000 }, (_, id) => basic(id, `${Math.sin(id)}`));
    const packed = gzipSync(textOf(lines));
    const path = await write('cut.ndjson.gz', packed.subarray(0, packed.length - 1_000));
    const { taken, refused } = await take(path);
    expect(taken).toBeGreaterThan(0);
    expect(refused).toMatchObject([{ path: '', code: 'FILE_UNREADABLE' }]);
  });

  test.each([
    ['grows', (path: string) => appendFileSync(path, textOf([basic(9_999)]))],
    ['shrinks', (path: string) => truncate(path, 100)],
  ])('that %s while it is read is refused, what was taken of it stays', async (_, change) => {
    const path = await write('moving.ndjson', textOf(basics(BATCH + 1)));
    let changed: unknown;
    const onBegin = () => () => {
      changed ??= change(path);
    };
    const { taken, refused } = await take(path, { onBegin });
    await changed;
    expect(taken).toBeGreaterThanOrEqual(BATCH);
    expect(refused.at(-1)).toMatchObject({ path: '', code: 'FILE_UNREADABLE' });
  });

  test('takes a backslash before u0000 that is text', async () => {
    const report = await take(await write('slash.ndjson', textOf([basic(1, 'a\\u0000')])));
    expect(report).toMatchObject({ taken: 1, refused: [] });
  });

  test('is told of batch by batch, with the bytes that are behind', async () => {
    const text = textOf(basics(BATCH * 2 + 1));
    const reached: number[] = [];
    const sizes: number[] = [];
    const onBegin: ImportOptions['onBegin'] = (_, sizeBytes) => {
      sizes.push(sizeBytes);
      return ({ bytes, resources }) => reached.push(bytes, resources);
    };
    await take(await write('watched.ndjson', text), { onBegin });
    expect(sizes).toEqual([text.length]);
    expect(reached.filter((_, at) => at % 2 === 1)).toEqual([BATCH, BATCH * 2, BATCH * 2 + 1]);
    expect(reached.at(-2)).toBe(text.length);
  });
});

describe('an import that is cut short', () => {
  const lines = [condition('c', 'ana'), ...basics(BATCH * 3), patient('ana')];

  test('goes on behind what it had committed, and forgets where when it is done', async () => {
    const path = await write('long.ndjson', textOf(lines));
    // Transactions: the look-up of how far it is, and two batches.
    await expect(importPath(dyingAfter(3), path)).rejects.toThrow('killed');
    expect(await countRows(db, 'resource')).toBe(BATCH * 2 - 1);
    const report = await take(path);
    expect(report).toMatchObject({ taken: BATCH + 3, resumedLines: BATCH * 2, refused: [] });
    expect(report.unchanged).toBe(BATCH * 2 - 1); // The second pass looks at them for 'c'.
    expect(await countRows(db, 'resource')).toBe(lines.length);
    expect(await countRows(db, 'clinical_record')).toBe(1);
    expect(await countRows(db, 'import_progress')).toBe(0);
    expect(await take(path)).toMatchObject({ taken: 0, unchanged: lines.length, refused: [] });
  });

  test('and dies again where its second pass is, loses nothing', async () => {
    const path = await write('long.ndjson', textOf(lines));
    await expect(importPath(dyingAfter(5), path)).rejects.toThrow('killed');
    expect(await countRows(db, 'clinical_record')).toBe(0);
    const report = await take(path);
    expect(report).toMatchObject({ taken: 1, refused: [] });
    expect(await countRows(db, 'clinical_record')).toBe(1);
  });

  test('does not delete a second time what a later line brought back', async () => {
    const request = { method: 'DELETE', url: 'Observation/o' };
    const deletion = { resourceType: 'Bundle', type: 'transaction', entry: [{ request }] };
    const all = [
      ...[condition('c', 'zed'), patient('ana'), observation('o', 'ana'), deletion],
      ...[observation('o', 'ana', { status: 'amended' }), ...basics(BATCH * 2), patient('zed')],
    ];
    const path = await write('deleted.ndjson', textOf(all));
    await expect(importPath(dyingAfter(2), path)).rejects.toThrow('killed');
    expect(await take(path)).toMatchObject({ resumedLines: BATCH, refused: [] });
    expect(await rows('SELECT id FROM clinical_record ORDER BY id')).toEqual([
      { id: 'c' },
      { id: 'o' },
    ]);
  });

  test('knows what its first part deleted behind a line that waits', async () => {
    const request = { method: 'DELETE', url: 'Observation/o' };
    const deletion = { resourceType: 'Bundle', type: 'transaction', entry: [{ request }] };
    const all = [
      ...[condition('c', 'zed'), observation('o', 'zed'), deletion],
      ...[...basics(BATCH * 2), patient('zed')],
    ];
    const path = await write('waiting.ndjson', textOf(all));
    await expect(importPath(dyingAfter(2), path)).rejects.toThrow('killed');
    expect(await take(path)).toMatchObject({ resumedLines: BATCH, refused: [] });
    expect(await rows('SELECT id FROM clinical_record')).toEqual([{ id: 'c' }]);
  });

  test('begins again if the file was changed since', async () => {
    const path = await write('long.ndjson', textOf(lines));
    await expect(importPath(dyingAfter(3), path)).rejects.toThrow('killed');
    await write('long.ndjson', textOf([...lines.slice(0, -1), basic(-7), patient('ana')]));
    const report = await take(path);
    expect(report.resumedLines).toBeUndefined();
    expect(report.taken + report.unchanged).toBe(lines.length + 1);
    expect(await countRows(db, 'import_progress')).toBe(0);
  });

  test('a database that lost its rows since is filled again', async () => {
    const path = await write('short.ndjson', textOf(basics(3)));
    await take(path);
    await db.transaction((tx) => tx.execute('DELETE FROM resource'));
    expect(await take(path)).toMatchObject({ taken: 3, unchanged: 0 });
  });

  test('goes on in a packed file too', async () => {
    const path = await write('long.ndjson.gz', gzipSync(textOf(lines)));
    await expect(importPath(dyingAfter(3), path)).rejects.toThrow('killed');
    expect(await take(path)).toMatchObject({ taken: BATCH + 3, resumedLines: BATCH * 2 });
    expect(await countRows(db, 'resource')).toBe(lines.length);
  });
});

describe('a folder', () => {
  test('has its patients taken first, and each file told of once, when it is done', async () => {
    await write('Condition.ndjson', textOf([condition('c', 'ana'), condition('d', 'ben')]));
    await write('People.ndjson', textOf([patient('ana')]));
    await write('a-bundle.json', JSON.stringify(collection(condition('e', 'ben'))));
    await write('z-bundle.json', JSON.stringify(collection(patient('ben'))));
    const seen: string[] = [];
    const refused: unknown[] = [];
    const reports = await importPath(db, folder, {
      onReport: ({ file }) => seen.push(file),
      onRefused: (file) => refused.push(file),
    });
    expect(seen).toEqual(['People.ndjson', 'z-bundle.json', 'Condition.ndjson', 'a-bundle.json']);
    expect(reports.map(({ file, taken }) => [file, taken])).toEqual([
      ['Condition.ndjson', 2],
      ['People.ndjson', 1],
      ['a-bundle.json', 1],
      ['z-bundle.json', 1],
    ]);
    expect(refused).toEqual([]);
  });

  test('names what it does not read, by its path', async () => {
    await mkdir(join(folder, 'part-1'));
    await write('part-1/README.txt', 'nothing');
    await write('part-1/people.JSONL', textOf([patient('ana')]));
    const told: string[] = [];
    const onRefused = (file: string) => told.push(file);
    const reports = await importPath(db, folder, { onRefused });
    expect(reports).toMatchObject([
      { file: 'part-1/README.txt', taken: 0, refused: [{ path: '', code: 'FILE_SKIPPED' }] },
      { file: 'part-1/people.JSONL', taken: 1, refused: [] },
    ]);
    expect(told).toEqual(['part-1/README.txt']);
  });

  test('a bundle larger than is read whole is refused, the other files are not', async () => {
    await truncate(await write('big.json', ''), MAX_IMPORT_BYTES + 1);
    await write('small.json', JSON.stringify(patient('ana')));
    const [big, small] = await importPath(db, folder);
    expect(big?.refused).toMatchObject([{ path: '', code: 'INPUT_TOO_LARGE' }]);
    expect(small).toMatchObject({ taken: 1 });
  });

  test('a database that fails ends the import: it is no fault of the file', async () => {
    const path = await write('one.json', JSON.stringify(patient('ana')));
    await expect(importPath(dyingAfter(0), path)).rejects.toThrow('killed');
  });
});

test('threads take and refuse just what their caller would, in the same order', async () => {
  const lines = [patient('ana'), condition('c', 'ana'), condition('d', 'nobody')];
  const text = `${textOf(lines)}{broken\n${textOf(basics(BATCH * 2))}${textOf([{ x: 1 }])}`;
  const path = await write('threads.ndjson', text);
  const alone = await take(path, { threads: 0 });
  const stored = await rows('SELECT * FROM resource ORDER BY type, id');
  await db.transaction((tx) => tx.execute('TRUNCATE resource, patient, clinical_record'));
  expect(await take(path, { threads: 2 })).toEqual(alone);
  expect(await rows('SELECT * FROM resource ORDER BY type, id')).toEqual(stored);
  expect(alone.refused.map(({ code }) => code)).toEqual([
    'JSON_MALFORMED',
    'FHIR_INVALID',
    'FHIR_REFERENCE_UNRESOLVED',
  ]);
});

test('what a code is called is counted until enough patients share it, and for the others', async () => {
  const called = (display: string) => ({
    code: { coding: [{ system: 'http://snomed.info/sct', code: '37796009', display }] },
  });
  const people = Array.from({ length: 2 * BATCH }, (_, i) => `p${i}`);
  const own = condition('own', 'p1', called('Migraine of Mrs Quackenbush'));
  const path = await write(
    'called.ndjson',
    textOf([
      ...people.map((id) => patient(id)),
      ...people.map((id) => condition(`c-${id}`, id, called('Migraine'))),
      own,
    ]),
  );
  expect(await take(path)).toMatchObject({ taken: 4 * BATCH + 1 });
  expect(
    await rows('SELECT display, count(*)::int FROM code_display GROUP BY display ORDER BY 1'),
  ).toEqual([
    // The batch that found them shared by enough was the first: the second counted none of them.
    { display: 'Migraine', count: BATCH },
    { display: 'Migraine of Mrs Quackenbush', count: 1 },
  ]);
  expect(await rows('SELECT display FROM code_word')).toEqual([{ display: 'Migraine' }]);
});
