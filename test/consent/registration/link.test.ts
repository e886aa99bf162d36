import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueLinkCode, linkPatient } from '../../../src/consent/registration/link.js';
import {
  confirmLink,
  pendingWords,
  refuseLinks,
} from '../../../src/consent/registration/link-confirm.js';
import { linkCode, researchSubject } from '../../../src/consent/tables/table-study.js';
import { toPseudonym, toStudyId } from '../../../src/core/ids.js';
import { linkCodeId, linkWords } from '../../../src/core/signed/link-code.js';
import { signEddsa } from '../../../src/zk/eddsa.js';
import { openHospital } from '../../support/consent/hospital.js';
import { LINK_KEY } from '../../support/consent/link-key.js';
import {
  confirmAs,
  knowStudy,
  linkedWallet,
  type StudyWallet,
  studyWallet,
} from '../../support/consent/study-wallet.js';
import { OTHER_STUDY, STUDY } from '../../support/names.js';

const hospital = await openHospital();
const { context } = hospital;
const { db, institution } = context;
const refused = (code: string) => expect.objectContaining({ code });
const codeFor = (patientId: string, study = STUDY) =>
  issueLinkCode(context, { patientId, study, ttlSeconds: 600 });
const answer = (wallet: StudyWallet, code: string, study = STUDY) =>
  linkPatient(context, wallet.linkRequest(institution, code, study));
const confirm = (wallet: StudyWallet, code: string, patientId: string) =>
  confirmAs(context, { patientId }, wallet, code);
const session = (patientId: string) => ({ patientId, study: STUDY, proxy: null });

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
const codes = () => db.transaction((tx) => tx.select().from(linkCode), 'read');

describe('a link', () => {
  test('joins the pseudonym of the signing key with the patient who was shown the code', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    expect(await subjects()).toMatchObject([
      { study: STUDY, pseudonym: String(wallet.pseudonym), patientId: 'patient-1' },
    ]);
  });

  test('is none before the patient has confirmed the key', async () => {
    const code = await codeFor('patient-1');
    const wallet = studyWallet();
    expect(await answer(wallet, code)).toMatchObject({ confirmed: false });
    expect(await subjects()).toEqual([]);
    await confirm(wallet, code, 'patient-1');
    expect(await answer(wallet, code)).toMatchObject({ confirmed: true });
    expect(await subjects()).toHaveLength(1);
  });

  test('is made with a code of which neither the database nor a backup of it can make the answer', async () => {
    const code = await codeFor('patient-1');
    const [row] = await codes();
    expect(JSON.stringify(row)).not.toContain(code);
    // With another node's key the same row gives another code.
    const restored = { ...context, linkKey: new Uint8Array(32) };
    const byBackup = linkPatient(restored, studyWallet().linkRequest(institution, code));
    await expect(byBackup).rejects.toThrow(refused('SIGNATURE_INVALID'));
    expect(context.linkKey).toEqual(LINK_KEY);
  });

  test('is the same when it is answered again, and when it is made again', async () => {
    const wallet = await linkedWallet(context, 'patient-1');
    const again = await codeFor('patient-1');
    await answer(wallet, again);
    await answer(wallet, again);
    await confirm(wallet, again, 'patient-1');
    expect(await subjects()).toHaveLength(1);
  });
});

describe('the words of a key', () => {
  const code = 'A'.repeat(22);
  const { publicKey } = studyWallet();

  test('are six of the list, 66 bits, of the institution, the code and the key', () => {
    const words = (change: object = {}) => linkWords({ institution, code, publicKey, ...change });
    expect(words()).toMatch(/^[a-z]{3,8}( [a-z]{3,8}){5}$/);
    const others = [
      words({ institution: 'lakeshore-hospital' }),
      words({ code: 'B'.repeat(22) }),
      words({ publicKey: studyWallet().publicKey }),
    ];
    expect(new Set([words(), words(), ...others]).size).toBe(4);
  });

  test('of a known key are these, computed by another program', () => {
    const known = { institution, code, publicKey: { ax: 1n, ay: 2n } };
    expect(linkWords(known)).toBe('wait welcome swim mention napkin festival');
    expect(linkCodeId(code)).toBe(
      '370a0944589cfe68f0f5b8b61ca372632ab4ccc6e900ab0adfc7d43e1e0567e7',
    );
  });

  test('are what the session shows, each once for each key that waits', async () => {
    const shown = await codeFor('patient-1');
    const wallet = studyWallet();
    expect(await pendingWords(context, session('patient-1'))).toEqual([]);
    await answer(wallet, shown);
    const words = linkWords({ institution, code: shown, publicKey: wallet.publicKey });
    expect(await pendingWords(context, session('patient-1'))).toEqual([words]);
    expect(await pendingWords(context, session('patient-2'))).toEqual([]);
    expect(await pendingWords(context, { ...session('patient-1'), proxy: 'MTH' })).toEqual([]);
    await confirmLink(
      context,
      session('patient-1'),
      ` ${words.toUpperCase().replace(' ', '  ')}\n`,
    );
    expect(await pendingWords(context, session('patient-1'))).toEqual([]);
  });

  test.each(['', 'abandon', 'abandon '.repeat(6)])('are refused as %j', async (words) => {
    await answer(studyWallet(), await codeFor('patient-1'));
    const confirmed = confirmLink(context, session('patient-1'), words);
    await expect(confirmed).rejects.toThrow(refused('LINK_WORDS_UNKNOWN'));
    expect(await subjects()).toEqual([]);
  });

  test("are refused in another's session", async () => {
    const shown = await codeFor('patient-1');
    const wallet = studyWallet();
    await answer(wallet, shown);
    await expect(confirm(wallet, shown, 'patient-2')).rejects.toThrow(
      refused('LINK_WORDS_UNKNOWN'),
    );
  });

  test('wait for a day', async () => {
    const [early, late] = [await codeFor('patient-1'), await codeFor('patient-2')];
    const [one, other] = [studyWallet(), studyWallet()];
    await answer(one, early);
    await answer(other, late);
    hospital.advance(86_399_000);
    await confirm(one, early, 'patient-1');
    hospital.advance(1_000);
    await expect(confirm(other, late, 'patient-2')).rejects.toThrow(refused('LINK_WORDS_UNKNOWN'));
    await codeFor('patient-3');
    expect((await codes()).map(({ patientId }) => patientId)).toEqual(['patient-3']);
  });
});

describe('an attacker who answers first with a code that was overheard', () => {
  test('is refused by the patient, who links with another code', async () => {
    const overheard = await codeFor('patient-1');
    const [thief, own] = [studyWallet(), studyWallet()];
    await answer(thief, overheard);
    await expect(answer(own, overheard)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    // What the wallet would show: the words in the session are others.
    await expect(confirm(own, overheard, 'patient-1')).rejects.toThrow(
      refused('LINK_WORDS_UNKNOWN'),
    );
    expect(await refuseLinks(context, session('patient-1'))).toBe(1);
    await expect(answer(thief, overheard)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    const another = await codeFor('patient-1');
    await answer(own, another);
    await confirm(own, another, 'patient-1');
    expect(await subjects()).toMatchObject([{ pseudonym: String(own.pseudonym) }]);
  });

  test('is refused with the confirmation of the right one too', async () => {
    const [overheard, another] = [await codeFor('patient-1'), await codeFor('patient-1')];
    const [thief, own] = [studyWallet(), studyWallet()];
    await answer(thief, overheard);
    await answer(own, another);
    expect(await pendingWords(context, session('patient-1'))).toHaveLength(2);
    await confirm(own, another, 'patient-1');
    await expect(confirm(thief, overheard, 'patient-1')).rejects.toThrow(
      refused('LINK_WORDS_UNKNOWN'),
    );
  });

  test('ends no link that stands', async () => {
    const own = await linkedWallet(context, 'patient-1');
    await expect(answer(studyWallet(), await codeFor('patient-1'))).rejects.toThrow(
      refused('PSEUDONYM_TAKEN'),
    );
    expect(await subjects()).toMatchObject([{ pseudonym: String(own.pseudonym) }]);
  });
});

describe('a link is refused', () => {
  test('for a code that was used', async () => {
    const code = await codeFor('patient-1');
    await answer(studyWallet(), code);
    await expect(answer(studyWallet(), code)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('for one code used twice at once, but for one of them', async () => {
    const code = await codeFor('patient-1');
    const links = [1, 2, 3].map(() => answer(studyWallet(), code));
    const settled = await Promise.allSettled(links);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('for a code at the second that it expires, and not before', async () => {
    const [early, late] = [await codeFor('patient-1'), await codeFor('patient-2')];
    hospital.advance(599_000);
    await answer(studyWallet(), early);
    hospital.advance(1_000);
    await expect(answer(studyWallet(), late)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test.each(['', 'guess', 'A'.repeat(22), 'A'.repeat(100_000)])(
    'for a guessed code',
    async (code) => {
      await expect(answer(studyWallet(), code)).rejects.toThrow(refused('LINK_CODE_INVALID'));
      const request = { ...studyWallet().linkRequest(institution, code), codeId: code };
      await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    },
  );

  test('for the code in the place of its id: it never travels', async () => {
    const code = await codeFor('patient-1');
    const request = { ...studyWallet().linkRequest(institution, code), codeId: code };
    await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('after 32 wrong signatures, of which none has spent the code before', async () => {
    const [code, other] = [await codeFor('patient-1'), await codeFor('patient-2')];
    const request = studyWallet().linkRequest(institution, code);
    const wrong = { ...request, signature: signEddsa(studyWallet().seed, 1n) };
    const tries = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await expect(linkPatient(context, wrong)).rejects.toThrow(refused('SIGNATURE_INVALID'));
      }
    };
    await tries(31);
    await linkPatient(context, request);
    await tries(1);
    await expect(linkPatient(context, request)).rejects.toThrow(refused('LINK_CODE_INVALID'));
    await answer(studyWallet(), other);
  });

  test('for a code of another study', async () => {
    const code = await codeFor('patient-1', OTHER_STUDY);
    await expect(answer(studyWallet(), code)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('for a signature that was made for another institution', async () => {
    const code = await codeFor('patient-1');
    const relayed = studyWallet().linkRequest('lakeshore-hospital', code);
    await expect(linkPatient(context, relayed)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test("for another's key beside one's own signature", async () => {
    const code = await codeFor('patient-1');
    const { publicKey } = studyWallet();
    const forged = { ...studyWallet().linkRequest(institution, code), publicKey };
    await expect(linkPatient(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test('for a signature that was overheard and is sent with a code of another patient', async () => {
    const [overheard, own] = [await codeFor('patient-1'), await codeFor('patient-2')];
    const { signature } = studyWallet().linkRequest(institution, overheard);
    const forged = { ...studyWallet().linkRequest(institution, own), signature };
    await expect(linkPatient(context, forged)).rejects.toThrow(refused('SIGNATURE_INVALID'));
  });

  test('for a code that was used, in the other study too', async () => {
    const code = await codeFor('patient-1');
    const wallet = studyWallet();
    await answer(wallet, code);
    await expect(answer(wallet, code, OTHER_STUDY)).rejects.toThrow(refused('LINK_CODE_INVALID'));
  });

  test('for all but one of two codes of one patient that race, and of two patients for a key', async () => {
    const race = async (pairs: readonly (readonly [string, StudyWallet])[]) => {
      const answered: [string, StudyWallet, string][] = [];
      for (const [patientId, wallet] of pairs) {
        const code = await codeFor(patientId);
        await answer(wallet, code);
        answered.push([patientId, wallet, code]);
      }
      const settled = await Promise.allSettled(
        answered.map(([patientId, wallet, code]) => confirm(wallet, code, patientId)),
      );
      return settled.map(({ status }) => status).sort();
    };
    const one = [
      ['patient-1', studyWallet()],
      ['patient-1', studyWallet()],
    ] as const;
    expect(await race(one)).toEqual(['fulfilled', 'rejected']);
    const wallet = studyWallet();
    const two = [
      ['patient-2', wallet],
      ['patient-3', wallet],
    ] as const;
    expect(await race(two)).toEqual(['fulfilled', 'rejected']);
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
    await expect(answer(wallet, code)).rejects.toThrow(refused('PSEUDONYM_TAKEN'));
    const own = studyWallet();
    await answer(own, code);
    await confirm(own, code, 'patient-2');
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
    const unique = { code: 'DATABASE_FAILED', facts: { sqlState: '23505' } };
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
