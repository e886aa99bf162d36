import { appendFile, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { watchFolder } from '../../../src/cli/import/watch/watch-folder.js';
import { DomainError } from '../../../src/core/errors.js';
import type { ImportReport } from '../../../src/core/import/import-report.js';
import { countRows } from '../../../src/store/count-rows.js';
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
function begin(into: Database = db) {
  const stop = new AbortController();
  const reports: ImportReport[] = [];
  const pauses: string[] = [];
  const ended = watchFolder(
    into,
    {
      folder,
      input: { standard: 'fhir', names: undefined },
      everyMs: 10,
      settledMs: 60,
      watch: { onReport: (report) => reports.push(report) },
      onPause: ({ code }) => pauses.push(code),
    },
    stop.signal,
  );
  return {
    reports,
    pauses,
    ended,
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

const rows = () => countRows(db, 'resource');

describe('a watched folder', () => {
  test('gives each file once, whole, in any folder, and nothing in it is changed', async () => {
    await layFiles(folder, { 'before.ndjson': linesOf(patient('ana')), '.hidden': '{}' });
    const watch = begin();
    await watch.until(1);
    // It grows while it is looked at: half of it is never taken.
    const [first, second] = [condition('c1', 'ana'), condition('c2', 'ana')].map((one) =>
      JSON.stringify(one),
    );
    await writeFile(join(folder, 'night.ndjson'), `${first}\n${second?.slice(0, 50)}`);
    await delay(30);
    await appendFile(join(folder, 'night.ndjson'), `${second?.slice(50)}\n`);
    await layFiles(folder, { 'deep/er/bundle.json': JSON.stringify(patient('ben')) });
    await symlink('/etc/passwd', join(folder, 'link.ndjson'));
    await watch.until(3);
    await delay(200);
    await watch.end();
    expect(watch.names().sort()).toEqual(['before.ndjson', 'deep/er/bundle.json', 'night.ndjson']);
    expect(watch.reports.find(({ file }) => file === 'night.ndjson')).toMatchObject({
      taken: 2,
      refused: [],
    });
    expect(await rows()).toBe(4);
    const left = await readdir(folder, { recursive: true });
    expect(left.sort()).toEqual(
      ['.hidden', 'before.ndjson', 'deep', 'deep/er', 'deep/er/bundle.json', 'link.ndjson'].concat(
        'night.ndjson',
      ),
    );
  });

  test('gives none of its files again after a restart, but for one that was changed', async () => {
    await layFiles(folder, { 'a.ndjson': linesOf(patient('ana')), 'b.json': '{broken' });
    const first = begin();
    await first.until(2);
    await first.end();
    const second = begin();
    await delay(250);
    expect(second.names()).toEqual([]);
    await writeFile(join(folder, 'a.ndjson'), linesOf(patient('ana'), patient('ben')));
    expect(await second.until(1)).toMatchObject([{ file: 'a.ndjson', taken: 1, unchanged: 1 }]);
    await second.end();
  });

  test('goes on after a file that is refused', async () => {
    await layFiles(folder, { 'a.json': '{broken' });
    const watch = begin();
    expect(await watch.until(1)).toMatchObject([{ refused: [{ code: 'JSON_MALFORMED' }] }]);
    await layFiles(folder, { 'b.ndjson': linesOf(patient('ana')) });
    expect(await watch.until(1)).toBeDefined();
    await watch.until(2);
    expect(watch.reports.at(-1)).toMatchObject({ file: 'b.ndjson', taken: 1 });
    await watch.end();
  });

  test('is asked once more for what lacked its patient, when more comes', async () => {
    await layFiles(folder, { 'Condition.ndjson': linesOf(condition('c1', 'ana')) });
    const watch = begin();
    expect(await watch.until(1)).toMatchObject([
      { refused: [{ code: 'FHIR_REFERENCE_UNRESOLVED' }] },
    ]);
    await writeFile(join(folder, 'Patient.ndjson.part'), linesOf(patient('ana')));
    await delay(150);
    expect(watch.names()).toHaveLength(1);
    await rename(join(folder, 'Patient.ndjson.part'), join(folder, 'Patient.ndjson'));
    await watch.until(3);
    const last = watch.reports.slice(1).toSorted((a, b) => (a.file < b.file ? -1 : 1));
    expect(last).toMatchObject([
      { file: 'Condition.ndjson', taken: 1, refused: [] },
      { file: 'Patient.ndjson', taken: 1 },
    ]);
    await watch.end();
    expect(await rows()).toBe(2);
  });

  test('is waited for while it is away, and so is the database; a fault ends it', async () => {
    await layFiles(folder, { 'a.ndjson': linesOf(patient('ana')) });
    let failure: unknown = new DomainError('DATABASE_BUSY');
    let left = 3;
    const failing: Database = {
      ...db,
      async transaction(work, mode) {
        left -= 1;
        if (left >= 0) throw failure;
        return db.transaction(work, mode);
      },
    };
    const watch = begin(failing);
    await watch.until(1);
    expect(watch.pauses).toEqual(['DATABASE_BUSY']);
    await rename(folder, `${folder}-away`);
    await delay(60);
    await rename(`${folder}-away`, folder);
    await layFiles(folder, { 'b.ndjson': linesOf(patient('ben')) });
    await watch.until(2);
    expect(watch.pauses).toEqual(['DATABASE_BUSY', 'FILE_UNREADABLE']);
    [failure, left] = [new Error('fault'), 1];
    await layFiles(folder, { 'c.ndjson': linesOf(patient('cyd')) });
    await expect(watch.ended).rejects.toThrow('fault');
  });

  test('has to be there at the start', async () => {
    await rm(folder, { recursive: true });
    await expect(begin().ended).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await writeFile(folder, 'a file');
    await expect(begin().ended).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  test('ends behind a segment when told to, and goes on from there', async () => {
    const people = Array.from({ length: 1_200 }, (_, at) => patient(`p${at}`));
    await layFiles(folder, { 'a.ndjson': linesOf(...people) });
    const stop = new AbortController();
    const slow: Database = {
      ...db,
      async transaction(work, mode) {
        const result = await db.transaction(work, mode);
        if ((await rows()) > 0) stop.abort();
        return result;
      },
    };
    const reports: ImportReport[] = [];
    const options = {
      folder,
      everyMs: 10,
      settledMs: 30,
      input: { standard: 'fhir', names: undefined },
      watch: { onReport: (report: ImportReport) => void reports.push(report) },
      onPause: () => expect.fail('it paused'),
    } as const;
    await watchFolder(slow, options, stop.signal);
    expect([await rows(), reports]).toEqual([500, []]);
    const again = begin();
    expect(await again.until(1)).toMatchObject([{ resumedLines: 500, taken: 700 }]);
    await again.end();
    expect(await rows()).toBe(1_200);
  });
});
