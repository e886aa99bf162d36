import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importPath } from '../../src/records/fhir-import-path.js';
import { isKindName } from '../../src/records/kinds.js';
import { type Database, rowsOf } from '../../src/store/database.js';
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
    const stored = await countsByType(db, 'resource');
    const rows = await countsByType(db, 'clinical_record');
    const supported = [...stored.keys()].filter(isKindName);
    expect(supported.length).toBeGreaterThanOrEqual(8);
    for (const type of supported) expect([type, rows.get(type)]).toEqual([type, stored.get(type)]);
    const uncoded = await db.transaction((tx) =>
      tx.execute("SELECT type, id FROM clinical_record WHERE codes = '{}'"),
    );
    expect(rowsOf(uncoded)).toEqual([]);
    const measured = await db.transaction((tx) =>
      tx.execute('SELECT sum(jsonb_array_length(measured))::int AS n FROM clinical_record'),
    );
    expect(rowsOf<{ n: number }>(measured)[0]?.n).toBeGreaterThanOrEqual(843);
    await server.close();
  });
});

async function countsByType(db: Database, table: 'resource' | 'clinical_record') {
  const found = await db.transaction((tx) =>
    tx.execute(`SELECT type, count(*)::int AS n FROM ${table} GROUP BY type`),
  );
  return new Map(rowsOf<{ type: string; n: number }>(found).map(({ type, n }) => [type, n]));
}
