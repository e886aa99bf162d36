import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueLinkCode, linkPatient } from '../../src/consent/register/link.js';
import { linkCode, researchSubject } from '../../src/consent/register/table-study.js';
import { toStudyId } from '../../src/core/ids.js';
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

  test('for a second pseudonym of a patient', async () => {
    await linkedWallet(context, 'patient-1');
    await expect(linkedWallet(context, 'patient-1')).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
  });
});
