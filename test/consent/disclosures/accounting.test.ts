import { parse } from 'csv-parse/sync';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountedRelease,
  accountOf,
  isLinked,
} from '../../../src/consent/disclosures/account.js';
import { auditEventOf, auditEventsNdjson } from '../../../src/consent/disclosures/audit-event.js';
import { accountingCsv, csvOf } from '../../../src/consent/disclosures/csv.js';
import { eraseConsents } from '../../../src/consent/registration/erasure.js';
import { pastSubject, researchSubject } from '../../../src/consent/tables/table-study.js';
import { toInstitutionId, toPseudonym } from '../../../src/core/ids.js';
import { fhirValidator } from '../../../src/records/import/validate.js';
import type { DatabaseServer } from '../../../src/store/database.js';
import { DAY, now } from '../../support/consent/gate-fixture.js';
import { participantAt, release } from '../../support/consent/my-network.js';
import { type ConsentNode, startConsentNode } from '../../support/consent/node-fixture.js';
import { type StudyWallet, studyWallet } from '../../support/consent/study-wallet.js';
import { OTHER_STUDY, RIVERSIDE, STUDY } from '../../support/names.js';
import { openFreshPglite } from '../../support/store/fresh-pglite.js';

/** What an officer hands to a patient: Ana, who takes part in two studies, and Ben. */
let server: DatabaseServer;
let node: ConsentNode;
let ana: { readonly wallet: StudyWallet; readonly handle: string };
const elsewhere = studyWallet();
const SIX_YEARS = { from: now - 6 * 365 * DAY, until: now };

beforeAll(async () => {
  server = await openFreshPglite();
  node = await startConsentNode(await server.open(RIVERSIDE), RIVERSIDE, 1n);
  ana = await participantAt(node, 'ana');
  const ben = await participantAt(node, 'ben');
  await node.db.transaction(async (tx) => {
    const pseudonym = toPseudonym(String(elsewhere.pseudonym));
    const subject = { study: OTHER_STUDY, pseudonym, patientId: 'ana', linkedAt: now };
    await tx.insert(researchSubject).values(subject);
  });
  await release(node, ana.wallet, { handle: ana.handle, at: now - DAY, count: 3 });
  await release(node, ben.wallet, { handle: ben.handle, count: 99 });
  await release(node, elsewhere, {
    study: OTHER_STUDY,
    handle: '9'.repeat(77),
    at: now - 2 * DAY,
    dataClass: 'CONDITION',
  });
});
afterAll(async () => {
  await node.stop();
  await server.close();
});

const account = (patientId = 'ana', period = SIX_YEARS) => accountOf(node.db, [patientId], period);

describe('the accounting of a patient', () => {
  test('is of all studies, oldest first, and of nobody else', async () => {
    expect(await account()).toMatchObject([
      {
        record: { study: OTHER_STUDY, dataClass: 'CONDITION', count: 1 },
        study: { title: 'A study', sponsor: 'northwind-trials' },
        consent: null,
      },
      {
        record: { study: STUDY, handle: ana.handle, count: 3 },
        leaf: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        consent: { requester: '77', policy: '5' },
      },
    ]);
    expect(await account('nobody')).toEqual([]);
  });

  test('is of the period asked, its end outside', async () => {
    const counts = async (from: number, until: number) =>
      (await account('ana', { from, until })).map(({ record }) => record.at);
    expect(await counts(now - 2 * DAY, now - DAY)).toEqual([now - 2 * DAY]);
    expect(await counts(now - 2 * DAY + 1, now - DAY + 1)).toEqual([now - DAY]);
  });

  test('goes back to what was released while a proxy held the key', async () => {
    const { wallet, handle } = await participantAt(node, 'dora');
    await release(node, wallet, { handle });
    const pseudonym = toPseudonym(String(wallet.pseudonym));
    await node.db.transaction(async (tx) => {
      await tx.delete(researchSubject).where(eq(researchSubject.pseudonym, pseudonym));
      const past = { study: STUDY, pseudonym, patientId: 'dora', linkedAt: now, endedAt: now };
      await tx.insert(pastSubject).values({ ...past, proxy: 'MTH', proxyUntil: now });
    });
    expect(await account('dora')).toMatchObject([{ record: { handle } }]);
    expect(await isLinked(node.db, ['dora'])).toBe(true);
  });

  test('keeps a release whose consent was erased, and does not name whom it named', async () => {
    const { wallet, handle } = await participantAt(node, 'cleo');
    await release(node, wallet, { handle });
    await eraseConsents({ ...node.feed, institution: RIVERSIDE }, [handle]);
    expect(await account('cleo')).toMatchObject([{ record: { handle }, consent: null }]);
  });
});

describe('as CSV', () => {
  test('has a header, and who, when, what and why of each release', async () => {
    const rows = parse(accountingCsv(await account()), { columns: true });
    expect(rows).toMatchObject([
      { recipient: expect.stringContaining('registered at another institution'), requester: '' },
      {
        date: '2026-10-02T07:06:40.000Z',
        recipientAddress: '',
        count: '3',
        recipient: `A study (${STUDY}), sponsor northwind-trials, requester 77`,
        description: '3 records: measurements and other observations',
        purpose: 'research on health care, by consent of the individual',
        requester: '77',
        consentHandle: ana.handle,
        purposeCode: 'HRESCH',
        evidenceLeaf: expect.stringMatching(/^0x/),
      },
    ]);
  });

  test('is read back by another implementation, cell by cell, whatever stands in it', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'ab ,;"\r\n\'é=1'), maxLength: 12 });
    const row = fc.array(cell, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const read = parse(csvOf(rows), { record_delimiter: '\r\n' }) as string[][];
        const guarded = rows.map((one) => one.map((text) => text.replace(/^[=\r]/, `'$&`)));
        expect(read).toEqual(guarded);
      }),
      { seed: 20_261_126 },
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'has no cell that begins as %j does, which a spreadsheet would run',
    async (title) => {
      const csv = accountingCsv(
        (await account()).map((one) => ({ ...one, study: { ...one.study, title } })),
      );
      const [, ...rows] = parse(csv) as string[][];
      expect(rows.map((row) => row[1]?.[0])).toEqual(["'", "'"]);
      expect(rows.flat().filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([]);
    },
  );
});

describe('as FHIR AuditEvent', () => {
  const who = { institution: toInstitutionId(RIVERSIDE), patientId: 'ana' };

  test('is valid R4, one a line, and says who, when, what, why and by which leaf', async () => {
    const requireValid = await fhirValidator();
    const releases = await account();
    const lines = auditEventsNdjson(releases, who).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(() => requireValid(JSON.parse(line))).not.toThrow();
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      action: 'R',
      outcome: '0',
      recorded: '2026-10-02T07:06:40.000Z',
      type: { code: '110106' },
      subtype: [{ code: 'disclose' }],
      purposeOfEvent: [{ coding: [{ code: 'HRESCH' }] }],
      agent: [
        { who: { identifier: { value: '77' } }, requestor: true },
        { who: { identifier: { value: RIVERSIDE } }, requestor: false },
      ],
      source: { observer: { identifier: { value: RIVERSIDE } } },
      entity: [
        { what: { reference: 'Patient/ana' } },
        { what: { identifier: { value: ana.handle } } },
        {
          what: { identifier: { value: STUDY } },
          detail: [
            { type: 'dataClass', valueString: 'OBSERVATION' },
            { type: 'count', valueString: '3' },
            { type: 'evidenceLeaf', valueString: releases[1]?.leaf },
          ],
        },
      ],
    });
  });

  test('with a code that R4 does not know is not taken by the validator that judged the others', async () => {
    const requireValid = await fhirValidator();
    const [first] = await account();
    const event = auditEventOf(first as AccountedRelease, who);
    expect(() => requireValid({ ...event, agent: [] })).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID' }),
    );
  });
});
