import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueLinkCode, linkPatient } from '../../src/consent/register/link.js';
import { linkCode, researchSubject } from '../../src/consent/register/table-study.js';
import { toPseudonym, toStudyId } from '../../src/core/ids.js';
import { openHospital } from './hospital.js';
import { knowStudy, linkedWallet, STUDY, studyWallet } from './study-wallet.js';

const OTHER_STUDY = toStudyId('NCT00000002');
const hospital = await openHospital();
const { context } = hospital;
const { db } = context;
const refused = (code: string) => expect.objectContaining({ code });
const codeFor = (patientId: string, study = STUDY) =>
  issueLinkCode(context, { patientId, study, ttlSeconds: 600 });

beforeAll(async () => {
  await knowStudy(context);
  await knowStudy(context, OTHER_STUDY);
});
beforeEach(() =>
  db.transaction(async (tx) => {
    await tx.delete(researchSubject);
    await tx.delete(linkCode);
  }),
);
afterAll(() => hospital.close());

const subjects = () => db.transaction((tx) => tx.select().from(researchSubject), 'read');

describe('a link', () => {
  test('joins the pseudonym of the signing key with the patient who was shown the code', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    expect(await subjects()).toMatchObject([
      { study: STUDY, pseudonym: String(wallet.pseudonym), patientId: 'patient-1' },
    ]);
  });

  test('is made with a code of which only the hash is kept', async () => {
    const code = await codeFor('patient-1');
    const [row] = await db.transaction((tx) => tx.select().from(linkCode), 'read');
    expect(JSON.stringify(row)).not.toContain(code);
  });

  test('is the same when it is made again', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    const again = await codeFor('patient-1');
    await linkPatient(context, wallet.linkRequest(context.institution, again));
    expect(await subjects()).toHaveLength(1);
  });
});

describe('a link is refused', () => {
  test('for a code that was used', async () => {
    const code = await codeFor('patient-1');
    await linkPatient(context, studyWallet().linkRequest(context.institution, code));
    const thief = studyWallet().linkRequest(context.institution, code);
    await expect(linkPatient(context, thief)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    expect(await subjects()).toHaveLength(1);
  });

  test('for one code used twice at once, but for one of them', async () => {
    const code = await codeFor('patient-1');
    const links = [1, 2, 3].map(() =>
      linkPatient(context, studyWallet().linkRequest(context.institution, code)),
    );
    const settled = await Promise.allSettled(links);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('for a code at the second that it expires, and not before', async () => {
    const [early, late] = [await codeFor('patient-1'), await codeFor('patient-2')];
    hospital.advance(599_000);
    await linkPatient(context, studyWallet().linkRequest(context.institution, early));
    hospital.advance(1_000);
    const request = studyWallet().linkRequest(context.institution, late);
    await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test.each(['', 'guess', 'A'.repeat(22), 'A'.repeat(100_000)])(
    'for a guessed code',
    async (code) => {
      const request = studyWallet().linkRequest(context.institution, code);
      await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    },
  );

  test('for a code of another study', async () => {
    const code = await codeFor('patient-1', OTHER_STUDY);
    const request = studyWallet().linkRequest(context.institution, code);
    await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('for a signature that was made for another institution', async () => {
    const code = await codeFor('patient-1');
    const relayed = studyWallet().linkRequest('lakeshore-hospital', code);
    await expect(linkPatient(context, relayed)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test("for another's key beside one's own signature", async () => {
    const code = await codeFor('patient-1');
    const { publicKey } = studyWallet();
    const forged = { ...studyWallet().linkRequest(context.institution, code), publicKey };
    await expect(linkPatient(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test('for whoever comes second with a code that was overheard, though it was shown to them', async () => {
    const code = await codeFor('patient-1');
    const thief = studyWallet();
    await linkPatient(context, thief.linkRequest(context.institution, code));
    // Being first is all that an eavesdropper can do, and the patient hears of it at once.
    const shown = studyWallet().linkRequest(context.institution, code);
    await expect(linkPatient(context, shown)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    expect(await subjects()).toMatchObject([{ pseudonym: String(thief.pseudonym) }]);
  });

  test('for a signature that was overheard and is sent with a code of another patient', async () => {
    const [overheard, own] = [await codeFor('patient-1'), await codeFor('patient-2')];
    const { signature } = studyWallet().linkRequest(context.institution, overheard);
    const forged = { ...studyWallet().linkRequest(context.institution, own), signature };
    await expect(linkPatient(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
    expect(await subjects()).toEqual([]);
  });

  test('for a code that was used, in the other study too', async () => {
    const code = await codeFor('patient-1');
    const wallet = studyWallet();
    await linkPatient(context, wallet.linkRequest(context.institution, code));
    const elsewhere = wallet.linkRequest(context.institution, code, OTHER_STUDY);
    await expect(linkPatient(context, elsewhere)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('for all but one of two codes of one patient that race, and of two patients for a key', async () => {
    const codes = [await codeFor('patient-1'), await codeFor('patient-1')];
    const keys = codes.map((code) =>
      linkPatient(context, studyWallet().linkRequest(context.institution, code)),
    );
    const settled = await Promise.allSettled(keys);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const wallet = studyWallet();
    const others = [await codeFor('patient-2'), await codeFor('patient-3')];
    const patients = others.map((code) =>
      linkPatient(context, wallet.linkRequest(context.institution, code)),
    );
    const [a, b] = await Promise.allSettled(patients);
    expect([a?.status, b?.status].sort()).toEqual(['fulfilled', 'rejected']);
    const rows = await subjects();
    expect(rows).toHaveLength(2);
    expect(new Set(rows.map(({ patientId }) => patientId)).size).toBe(2);
    expect(new Set(rows.map(({ pseudonym }) => pseudonym)).size).toBe(2);
  });

  test('for a study that this node does not know', async () => {
    const unknown = toStudyId('NCT99999999');
    const issue = issueLinkCode(context, { patientId: 'p', study: unknown, ttlSeconds: 600 });
    await expect(issue).rejects.toThrow(refused('STUDY_UNKNOWN'));
  });

  test('for a second patient of a pseudonym, whose code stays usable', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    const code = await codeFor('patient-2');
    const taking = wallet.linkRequest(context.institution, code);
    await expect(linkPatient(context, taking)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    await linkPatient(context, studyWallet().linkRequest(context.institution, code));
    expect((await subjects()).map(({ patientId }) => patientId).sort()).toEqual([
      'patient-1',
      'patient-2',
    ]);
  });

  test('by the tables too: neither a patient nor a pseudonym is there twice in a study', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    const row = { study: STUDY, patientId: 'patient-1', linkedAt: 0 };
    const pseudonym = toPseudonym(String(wallet.pseudonym));
    const insert = (values: typeof researchSubject.$inferInsert) =>
      db.transaction(async (tx) => void (await tx.insert(researchSubject).values(values)));
    const unique = { cause: expect.objectContaining({ code: '23505' }) };
    await expect(insert({ ...row, pseudonym: toPseudonym('9') })).rejects.toMatchObject(unique);
    await expect(insert({ ...row, pseudonym, patientId: 'p2' })).rejects.toMatchObject(unique);
    // In another study the same patient has another pseudonym.
    await insert({ ...row, study: OTHER_STUDY, pseudonym: toPseudonym('9') });
  });

  test('for a second pseudonym of a patient', async () => {
    await linkedWallet(context, 'patient-1');
    await expect(linkedWallet(context, 'patient-1')).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
  });
});
