import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../src/consent/gate/permit.js';
import { toInstitutionId } from '../../src/core/ids.js';
import type { Database, DatabaseServer } from '../../src/store/database.js';
import { countEvents, DatabaseSupply } from '../../src/supply/database.js';
import { importEpcis, importEpcisPath } from '../../src/supply/import.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';
import {
  commissioning,
  epcisDocument,
  type Json,
  objectEvent,
  PACK_GTIN,
} from '../support/supply/documents.js';

const NOBODY = PermitSet.mint([], []);
const PACK = { gtin: PACK_GTIN, serial: '2017', lot: 'L1', expiry: '2027-06-30' };
const IN_ERROR = { errorDeclaration: { declarationTime: '2026-01-09T00:00:00Z' } };
let server: DatabaseServer;
let schemas = 0;

beforeAll(async () => {
  server = await openFreshPglite();
});
afterAll(() => server.close());

function openFresh(): Promise<Database> {
  schemas += 1;
  return server.open(`import-${schemas}`);
}

function take(db: Database, ...events: Json[]) {
  return importEpcis(db, epcisDocument(events), { file: 'a.json' });
}

const verdictOf = async (db: Database, pack = PACK) =>
  (await new DatabaseSupply(db, toInstitutionId('helix-pharma')).verify(NOBODY, pack)).reason;

describe('the import of EPCIS documents', () => {
  test('takes the good events, names the others with their place, and again is no change', async () => {
    const db = await openFresh();
    const events = [commissioning(), objectEvent({ action: 'CREATE' }), objectEvent()];
    const first = await take(db, ...events);
    expect(first).toMatchObject({ taken: 2, unchanged: 0 });
    expect(first.refused.map(({ path, code }) => [path, code])).toEqual([
      ['epcisBody.eventList[1].action', 'EPCIS_INVALID'],
    ]);
    expect(await take(db, ...events)).toMatchObject({ taken: 0, unchanged: 2 });
    expect(await countEvents(db)).toBe(2);
  });

  test('refuses another content under a known eventID, in one file or in two', async () => {
    const db = await openFresh();
    const eventID = 'urn:uuid:00000000-0000-4000-8000-000000000001';
    const changed = objectEvent({ eventID, bizStep: 'shipping' });
    const report = await take(db, objectEvent({ eventID }), changed);
    expect(report.taken).toBe(1);
    expect(report.refused).toMatchObject([
      { path: 'epcisBody.eventList[1].eventID', code: 'EPCIS_CONFLICT' },
    ]);
    expect((await take(db, changed)).refused).toMatchObject([{ code: 'EPCIS_CONFLICT' }]);
    expect(await countEvents(db)).toBe(1);
  });

  test('long ids that differ at their end alone are two events', async () => {
    const db = await openFresh();
    const eventID = (end: string) => `https://e.example/${'e'.repeat(600)}${end}`;
    const events = ['1', '2'].map((end) => objectEvent({ eventID: eventID(end) }));
    expect(await take(db, ...events)).toMatchObject({ taken: 2, refused: [] });
    expect(await countEvents(db)).toBe(2);
  });

  test('an event twice in a file is one event', async () => {
    const db = await openFresh();
    expect(await take(db, objectEvent(), objectEvent())).toMatchObject({ taken: 1, unchanged: 1 });
  });

  test('a thousand events go in whole', async () => {
    const db = await openFresh();
    const events = Array.from({ length: 1_100 }, (_, i) =>
      commissioning({ epcList: [`urn:epc:id:sgtin:9521141.001234.${i}`] }),
    );
    expect(await take(db, ...events)).toMatchObject({ taken: 1_100 });
    expect(await verdictOf(db, { ...PACK, serial: '1099' })).toBeNull();
  });

  test('an unreadable file is refused whole, and the others of the folder are taken', async () => {
    const db = await openFresh();
    const folder = await mkdtemp(join(tmpdir(), 'epcis-'));
    await writeFile(join(folder, 'a.json'), '{"type": "EPCISDocument", ');
    await writeFile(join(folder, 'b.json'), JSON.stringify({ type: 'EPCISDocument' }));
    await writeFile(join(folder, 'c.json'), JSON.stringify(epcisDocument([objectEvent()])));
    const reports = await importEpcisPath(db, folder);
    expect(reports.map(({ file, taken, refused }) => [file, taken, refused[0]?.code])).toEqual([
      ['a.json', 0, 'JSON_MALFORMED'],
      ['b.json', 0, 'EPCIS_INVALID'],
      ['c.json', 1, undefined],
    ]);
    expect(reports[1]?.refused[0]?.path).toBe('@context');
    await rm(folder, { recursive: true });
  });
});

describe('a commissioning declared to be in error', () => {
  test('verifies no more, whether the declaration comes later or with it', async () => {
    const later = await openFresh();
    await take(later, commissioning());
    expect(await verdictOf(later)).toBeNull();
    expect(await take(later, commissioning(IN_ERROR))).toMatchObject({ taken: 1, refused: [] });
    expect(await verdictOf(later)).toBe('NOT_FOUND');
    expect(await take(later, commissioning(IN_ERROR))).toMatchObject({ taken: 0, unchanged: 1 });

    const together = await openFresh();
    await take(together, commissioning(IN_ERROR));
    expect(await verdictOf(together)).toBe('NOT_FOUND');
  });

  test.each(['in one file', 'in the next file'])('gives way to its correction %s', async (when) => {
    const db = await openFresh();
    const right = { 'cbvmda:lotNumber': 'L2', 'cbvmda:itemExpirationDate': '2028-01-31' };
    const correction = commissioning({ ilmd: right, eventTime: '2026-01-05T11:00:00Z' });
    await take(db, commissioning());
    if (when === 'in one file') await take(db, correction, commissioning(IN_ERROR));
    else {
      await take(db, commissioning(IN_ERROR));
      await take(db, correction);
    }
    expect(await verdictOf(db, { ...PACK, lot: 'L2', expiry: '2028-01-31' })).toBeNull();
  });
});

test('a second commissioning cannot move a pack to another lot', async () => {
  const db = await openFresh();
  const ilmd = { 'cbvmda:lotNumber': 'FORGED', 'cbvmda:itemExpirationDate': '2099-01-01' };
  await take(db, commissioning());
  await take(db, commissioning({ ilmd }));
  expect(await verdictOf(db)).toBeNull();
  expect(await verdictOf(db, { ...PACK, lot: 'FORGED', expiry: '2099-01-01' })).toBe(
    'MISMATCH_LOT',
  );
});
