import { renameSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { watchFolder } from '../../../src/cli/import/watch/watch-folder.js';
import { DomainError } from '../../../src/core/errors.js';
import { importDocuments } from '../../../src/core/import/import-documents.js';
import type { ImportReport } from '../../../src/core/import/import-report.js';
import { patient as patientTable } from '../../../src/records/tables/table.js';
import type { Database, DatabaseServer } from '../../../src/store/database.js';
import { layFiles, linesOf } from '../../support/cli/delivery.js';
import { condition, patient } from '../../support/records/clinic.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

let server: DatabaseServer;
let db: Database;
let folder: string;
let institutions = 0;

beforeAll(async () => {
  server = await openFreshPglite();
});
afterAll(() => server.close());
beforeEach(async () => {
  institutions += 1;
  db = await server.open(`watched-${institutions}`);
  folder = await mkdtemp(join(tmpdir(), 'assent-watch-'));
  return () => rm(folder, { recursive: true });
});

/** A watch under way: what it reported, and its end. */
function begin(into: Database = db, onReport: (report: ImportReport) => void = () => undefined) {
  const stop = new AbortController();
  const reports: ImportReport[] = [];
  const pauses: string[] = [];
  const told = (report: ImportReport) => {
    reports.push(report);
    onReport(report);
  };
  const ended = watchFolder(
    into,
    {
      ...{ folder, input: { standard: 'fhir', names: undefined }, everyMs: 10, settledMs: 60 },
      watch: { onReport: told },
      onPause: ({ code }) => pauses.push(code),
    },
    stop.signal,
  );
  return {
    ...{ reports, pauses, ended },
    names: () => reports.map(({ file }) => file),
    async until(count: number) {
      while (reports.length < count) {
        await Promise.race([delay(20), ended.then(() => expect.fail('it ended'))]);
      }
      return reports.slice(-count);
    },
    async end() {
      stop.abort();
      await ended;
    },
  };
}

const sex = async () =>
  (await db.transaction((tx) => tx.select({ sex: patientTable.sex }).from(patientTable), 'read'))[0]
    ?.sex;
const person = (gender: string) => ({ ...patient('ana'), gender });

test('a file that is tried again puts nothing old over what came since', async () => {
  const a = linesOf(person('female'), condition('c1', 'nobody'));
  await layFiles(folder, { 'day1/a.ndjson': a });
  const watch = begin();
  await watch.until(1);
  await layFiles(folder, { 'day2/b.ndjson': linesOf(person('male')) });
  await watch.until(3);
  expect(await sex()).toBe('MALE');
  await layFiles(folder, { 'day3/c.ndjson': linesOf(patient('nobody')) });
  await watch.until(5);
  const again = watch.reports.findLast(({ file }) => file === 'day1/a.ndjson');
  expect(again).toMatchObject({ taken: 1, unchanged: 1, refused: [] });
  expect(await sex()).toBe('MALE');
  await watch.end();
});

test('a file that is moved within the folder is not taken again', async () => {
  await layFiles(folder, { 'day1/a.ndjson': linesOf(person('female')) });
  const watch = begin();
  await watch.until(1);
  await layFiles(folder, { 'day2/b.ndjson': linesOf(person('male')) });
  await watch.until(2);
  await mkdir(join(folder, 'archive'));
  await rename(join(folder, 'day1/a.ndjson'), join(folder, 'archive/a.ndjson'));
  await delay(250);
  expect(watch.names()).toHaveLength(2);
  expect(await sex()).toBe('MALE');
  await watch.end();
});

test('a file that was away while it was to be read is taken when it is back', async () => {
  await layFiles(folder, {
    'a.ndjson': linesOf(patient('ana')),
    'b.ndjson': linesOf(patient('ben')),
  });
  let isAway = false;
  const [b, away] = [join(folder, 'b.ndjson'), join(folder, '.away')];
  const watch = begin(db, ({ file }) => {
    if (file === 'a.ndjson' && !isAway) renameSync(b, away);
    isAway = true;
  });
  await watch.until(2);
  expect(watch.reports[1]?.refused).toMatchObject([{ code: 'FILE_UNREADABLE' }]);
  await rename(away, b);
  expect(await watch.until(3)).toMatchObject([{}, {}, { file: 'b.ndjson', taken: 1 }]);
  await watch.end();
});

test('a file that the database cannot take is put aside and named, the others are taken', async () => {
  await layFiles(folder, {
    'a.ndjson': linesOf(patient('ana')),
    'b.ndjson': linesOf(patient('ben')),
  });
  let isLast = '';
  const failing: Database = {
    ...db,
    async transaction(work, mode) {
      if (isLast === 'a.ndjson') throw new DomainError('DATABASE_FAILED');
      return db.transaction(work, mode);
    },
  };
  const watch = begin(failing, ({ file }) => {
    isLast = isLast === '' && file === 'a.ndjson' ? file : 'none';
  });
  await watch.until(3);
  const codes = watch.reports.flatMap(({ refused }) => refused.map(({ code }) => code));
  expect(codes).toContain('DATABASE_FAILED');
  await watch.until(4);
  // What the first try had stored of it is there.
  expect(watch.reports.at(-1)).toMatchObject({ file: 'a.ndjson', unchanged: 1, refused: [] });
  await watch.end();
});

test('a stop is no refusal of a file', async () => {
  await layFiles(folder, { 'a.json': '{}' });
  for (const code of ['STOPPING', 'SOURCE_FAILED'] as const) {
    const stopped = importDocuments(folder, () => Promise.reject(new DomainError(code)));
    await expect(stopped).rejects.toMatchObject({ code });
  }
  const refused = importDocuments(folder, () => Promise.reject(new DomainError('BAD_INPUT')));
  expect(await refused).toMatchObject([{ refused: [{ code: 'BAD_INPUT' }] }]);
});
