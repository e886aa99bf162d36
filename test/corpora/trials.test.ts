import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toInstitutionId } from '../../src/core/ids.js';
import { countTrials } from '../../src/trials/database.js';
import { importTrialPath } from '../../src/trials/import.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const folder = join(process.env.ASSENT_CORPORA ?? 'no-corpora', 'trials-ctgov');
const present = existsSync(folder);
if (!present) console.warn('SKIPPED: ASSENT_CORPORA names no folder with trials-ctgov');

describe.skipIf(!present)('real ClinicalTrials.gov records', () => {
  test('import whole, both versions of the API, and again is no change', async () => {
    const server = await openFreshPglite();
    const db = await server.open('northwind-trials');
    const names = new Map([
      ['Mobile Infirmary Medical Center', toInstitutionId('mobile-infirmary')],
    ]);
    const [reports, licence] = byLicence(await importTrialPath(db, folder, names));
    expect(licence.map(({ refused }) => refused[0]?.code)).toEqual(['FILE_SKIPPED']);
    expect(reports.flatMap(({ refused }) => refused)).toEqual([]);
    expect(reports.length).toBeGreaterThanOrEqual(7);
    expect(reports.every(({ taken }) => taken === 1)).toBe(true);
    expect(await countTrials(db)).toBe(reports.length);
    const [again] = byLicence(await importTrialPath(db, folder, names));
    expect(again.every(({ taken, unchanged }) => taken === 0 && unchanged === 1)).toBe(true);
    await server.close();
  });
});

/** The data, and the licence that lies beside them: no record, and named as such. */
function byLicence<Report extends { readonly file: string }>(reports: readonly Report[]) {
  const isLicence = ({ file }: Report) => file.startsWith('LICENSE');
  return [reports.filter((one) => !isLicence(one)), reports.filter(isLicence)] as const;
}
