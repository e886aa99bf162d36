import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseServer } from '../../src/store/database.js';
import { importEpcisPath } from '../../src/supply/import.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';

const corpora = process.env.ASSENT_CORPORA ?? 'no-corpora';
const valid = join(corpora, 'epcis');
const invalid = join(corpora, 'epcis-invalid');
const present = existsSync(valid) && existsSync(invalid);
if (!present) console.warn('SKIPPED: ASSENT_CORPORA names no folder with epcis and epcis-invalid');

/** The defect that each invalid document's name says, as the place that a refusal must name. */
const DEFECTS: Readonly<Record<string, readonly string[]>> = {
  Combination_of_events_with_missing_mandatory_fields: ['[0].action', '[1].eventTimeZoneOffset'],
  Combination_of_multiple_invalid_fields: [
    '[0].bizStep',
    '[1].disposition',
    '[2].sourceList[0].type',
    '[3].ilmd.materialType',
    '[4].eventTime',
  ],
  Combination_of_non_standard_bizStep_and_disposition: ['[0].bizStep', '[1].disposition'],
  EPCISDocument_without_context: ['@context'],
  ObjectEvent_with_ilmd_field_without_namespace: ['[0].ilmd.materialType'],
  ObjectEvent_with_invalid_action: ['[0].action'],
  ObjectEvent_with_invalid_certificationInfo: ['[0].certificationInfo'],
  ObjectEvent_with_invalid_eventTime_format: ['[0].eventTime'],
  ObjectEvent_with_non_standard_bizStep: ['[0].bizStep'],
  ObjectEvent_with_non_standard_bizStep_in_second_event: ['[1].bizStep'],
  ObjectEvent_with_non_standard_disposition: ['[0].disposition'],
  ObjectEvent_with_quantity_as_text: ['[0].quantityList[0].quantity'],
  ObjectEvent_with_unknown_field_in_quantityList: ['[0].quantityList[0].weight'],
  ObjectEvent_without_action_and_eventTime: ['[0].eventTime'],
  ObjectEvent_without_identifier_list: ['[0].epcList'],
};

describe.skipIf(!present)('real EPCIS documents', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await openFreshPglite();
  });
  afterAll(() => server?.close());

  test('import, all but those that the JSON schema refuses, and again is no change', async () => {
    // Each into an empty database: some of them tell other things under one eventID.
    const db = await server.open('valid');
    const refused: string[] = [];
    for (const name of readdirSync(valid)) {
      await db.transaction((tx) =>
        tx.execute(sql`TRUNCATE event, event_epc, event_party, pack, lot, product`),
      );
      const [report] = await importEpcisPath(db, join(valid, name));
      refused.push(...(report?.refused.map(({ path }) => `${name} ${path}`) ?? []));
      const [again] = await importEpcisPath(db, join(valid, name));
      expect(again).toMatchObject({ taken: 0, refused: report?.refused });
    }
    const wrong = 'epcisBody.eventList[7].sensorElementList[0].sensorReport[1].type';
    expect(refused).toEqual([`SensorData_with_combined_events.json ${wrong}`]);
  });

  test('that are invalid are refused, naming the defect', async () => {
    const db = await server.open('invalid');
    const reports = await importEpcisPath(db, invalid);
    expect(reports).toHaveLength(Object.keys(DEFECTS).length);
    for (const { file, refused } of reports) {
      const paths = refused.map(({ path }) => path.replace('epcisBody.eventList', ''));
      expect([file, paths]).toEqual([file, DEFECTS[file.replace('.json', '')]]);
      const codes = refused.map(({ code }) => code);
      expect(codes.every((code) => code === 'EPCIS_INVALID')).toBe(true);
    }
  });
});
