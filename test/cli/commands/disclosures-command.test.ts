import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordDisclosures } from '../../../src/consent/disclosures/disclosure.js';
import { addStudy } from '../../../src/consent/registration/study.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { toInstitutionId, toPseudonym, toStudyId } from '../../../src/core/ids.js';
import { secondsFromIso, secondsFromUnixMs } from '../../../src/core/time.js';
import { openPglite } from '../../../src/store/pglite.js';
import { assentInProcess } from '../../support/cli/in-process.js';
import { layPglite } from '../../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-disclosures-'));
const ID = 'riverside-hospital';
const YEAR_MS = 365.25 * 86_400_000;
afterAll(() => rmSync(home, { recursive: true, force: true }));

const disclosures = (...options: readonly string[]) =>
  assentInProcess(['--state-folder', home, 'disclosures', '--institution', ID, ...options]);

beforeAll(async () => {
  await layPglite(join(home, 'database'));
  const server = await openPglite({ directory: join(home, 'database') });
  const db = await server.open(ID);
  const study = toStudyId('NCT00000001');
  const pseudonym = toPseudonym('1');
  const sponsor = toInstitutionId('northwind-trials');
  const rest = {
    study,
    pseudonym,
    handle: '2',
    purpose: 'HRESCH',
    dataClass: 'CONDITION',
  } as const;
  const yearsAgo = (years: number) => secondsFromUnixMs(Date.now() - years * YEAR_MS);
  await db.transaction(async (tx) => {
    await addStudy(tx, { network: 'pilot', id: study, sponsor, title: 'A study' });
    await tx.insert(researchSubject).values({ study, pseudonym, patientId: 'ana', linkedAt: 0 });
    await recordDisclosures(tx, [
      { ...rest, at: secondsFromIso('2019-12-31T23:59:59Z'), count: 1 },
      { ...rest, at: yearsAgo(5.9), count: 2 },
      { ...rest, at: yearsAgo(0), count: 3 },
    ]);
  });
  await server.close();
});

describe('assent disclosures', () => {
  const countsIn = (csv: string) =>
    (parse(csv, { columns: true }) as { count: string }[]).map(({ count }) => count);

  test('prints six years as CSV, what was released a moment ago too', async () => {
    const { code, stdout } = await disclosures('--patient', 'ana');
    expect(code).toBe(0);
    expect(countsIn(stdout)).toEqual(['2', '3']);
  });

  test('writes what is asked for into a file that only its owner reads', async () => {
    const out = join(home, 'ana.ndjson');
    const asked = ['--since', '2019-12-31', '--until', '2020-01-01', '--format', 'audit-event'];
    const { code } = await disclosures('--patient', 'ana', ...asked, '--out', out);
    expect(code).toBe(0);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { resourceType: 'AuditEvent', recorded: '2019-12-31T23:59:59.000Z' },
    ]);
    expect(statSync(out).mode & 0o077).toBe(0);
  });

  test('ends with 2 for a patient of whom nothing is linked, and refuses what is no option', async () => {
    expect(await disclosures('--patient', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has not linked a pseudonym'),
    });
    expect(await disclosures('--patient', 'ana', '--since', '2020-01-01T00:00:00')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('BAD_INPUT'),
    });
    expect(await disclosures('--patient', 'ana', '--format', 'pdf')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('BAD_INPUT'),
    });
  });
});
