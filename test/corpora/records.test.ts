import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importPath } from '../../src/records/fhir-import-path.js';
import { openFreshPglite } from '../store/fresh-pglite.js';

const folder = join(process.env.ASSENT_CORPORA ?? 'no-corpora', 'fhir-synthea');
const present = existsSync(folder);
if (!present) console.warn('SKIPPED: ASSENT_CORPORA names no folder with fhir-synthea');

describe.skipIf(!present)('real Synthea bundles', () => {
  test('import whole, every resource of every type, and again is no change', async () => {
    const server = await openFreshPglite();
    const db = await server.open('riverside-hospital');
    const reports = await importPath(db, folder);
    expect(
      reports.flatMap(({ file, refused }) => refused.map((entry) => ({ file, ...entry }))),
    ).toEqual([]);
    expect(reports.length).toBeGreaterThanOrEqual(12);
    const entries = reports.reduce((sum, { taken, unchanged }) => sum + taken + unchanged, 0);
    expect(entries).toBeGreaterThanOrEqual(1_707);
    const again = await importPath(db, folder);
    expect(again.every(({ taken, refused }) => taken === 0 && refused.length === 0)).toBe(true);
    const missing = await db.transaction((tx) =>
      tx.execute(`SELECT type, id FROM resource WHERE type IN ('Condition', 'Observation')
        AND id NOT IN (SELECT id FROM clinical_record)`),
    );
    expect((missing as unknown as { rows: unknown }).rows).toEqual([]);
    await server.close();
  });
});
