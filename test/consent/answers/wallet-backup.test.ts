import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { issueLinkCode, linkPatient } from '../../../src/consent/registration/link.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { walletBackup } from '../../../src/consent/tables/table-wallet-backup.js';
import { toPseudonym } from '../../../src/core/ids.js';
import { MAX_BACKUP_CHARACTERS } from '../../../src/core/wallet-backup.js';
import { institutionField, studyField } from '../../../src/zk/arithmetic/field.js';
import { signEddsa } from '../../../src/zk/eddsa.js';
import { backupMessage, backupReadMessage, listMessage } from '../../../src/zk/leaf.js';
import { dateOf, makeSession, now, type Session } from '../../support/consent/gate-fixture.js';
import { linkable } from '../../support/consent/link-key.js';
import { answerOf, inDecimals, openMyNetwork } from '../../support/consent/my-network.js';
import {
  confirmAs,
  linkedWallet,
  NETWORK,
  SPONSOR,
  type StudyWallet,
  studyWallet,
} from '../../support/consent/study-wallet.js';
import { HILLSIDE, LAKESHORE, RIVERSIDE, STUDY } from '../../support/names.js';

/** The attackers who want to read, replace or roll back what a wallet keeps at an institution. */
let network: Awaited<ReturnType<typeof openMyNetwork>>;
let ana: StudyWallet;
let mallory: StudyWallet;
let session: Session;
let mallorysSession: Session;
const study = studyField(NETWORK, SPONSOR, STUDY);

beforeAll(async () => {
  network = await openMyNetwork();
  mallory = await linkedWallet(network.riverside.feed, 'mallory');
  [session, mallorysSession] = [await makeSession(), await makeSession()];
});
afterAll(() => network.close());

const REFUSALS = '... on Refusals { refused { code } }';
const KEEP = `mutation ($institution: ID!, $backup: WalletBackupInput!) {
  my: keepWalletBackup(institution: $institution, backup: $backup) {
    ... on WalletBackupReceipt { institution { id } sequence } ${REFUSALS} } }`;
const READ = `query ($institution: ID!, $question: WalletBackupQuestion!) {
  my: walletBackup(institution: $institution, question: $question) {
    ... on WalletBackup { institution { id } sequence backup } ${REFUSALS} } }`;

interface Change {
  /** Whose key signs; the public key is Ana's all the same. */
  readonly by?: StudyWallet;
  readonly signedFor?: string;
  readonly at?: number;
  /** The message signed, where it is another than the one asked for. */
  readonly message?: bigint;
}

function signedBackup(sequence: number, backup: string, change: Change = {}) {
  const { by = ana, signedFor = RIVERSIDE } = change;
  const here = institutionField(signedFor);
  const { message = backupMessage(here, study, BigInt(sequence), backup) } = change;
  const signature = inDecimals(signEddsa(by.seed, message));
  return { study: STUDY, sequence, backup, publicKey: inDecimals(ana.publicKey), signature };
}
const keep = async (backup: object, institution: string = RIVERSIDE) =>
  (await network.run(undefined, KEEP, { institution, backup })).data.my;
const kept = (sequence: number) => ({ institution: { id: RIVERSIDE }, sequence });
const refused = (code: string) => ({ refused: [{ code }] });

function question(change: Change & { readonly for?: Session } = {}) {
  const { by = ana, signedFor = RIVERSIDE, at = now } = change;
  const holder = (change.for ?? session).holder.field;
  const here = institutionField(signedFor);
  const { message = backupReadMessage(here, study, BigInt(at), holder) } = change;
  const signature = inDecimals(signEddsa(by.seed, message));
  return { study: STUDY, at: dateOf(at), publicKey: inDecimals(ana.publicKey), signature };
}
const read = async (asked: object = question(), as = session, institution: string = RIVERSIDE) =>
  (await network.run(as, READ, { institution, question: asked })).data.my;
const reads = (sequence: number, backup: string | null) => ({ ...kept(sequence), backup });

/** In order: each step is what the one before it left. */
describe('a backup of a wallet', () => {
  test('is kept for those who are linked, and for nobody else', async () => {
    ana = studyWallet();
    expect(await keep(signedBackup(1, 'YQ'))).toEqual(refused('PSEUDONYM_NOT_LINKED'));
    expect(await read()).toEqual(refused('PSEUDONYM_NOT_LINKED'));
    const register = linkable(network.riverside.feed);
    const shown = { patientId: 'ana', study: STUDY, ttlSeconds: 600 };
    const code = await issueLinkCode(register, shown);
    await linkPatient(register, ana.linkRequest(RIVERSIDE, code));
    expect(await keep(signedBackup(1, 'YQ'))).toEqual(refused('LINK_NOT_CONFIRMED'));
    expect(await read()).toEqual(refused('LINK_NOT_CONFIRMED'));
    await confirmAs(network.riverside.feed, shown, ana, code);
    expect(await read()).toEqual(reads(0, null));
    expect(await keep(signedBackup(1, 'YQ'))).toEqual(kept(1));
    expect(await keep(signedBackup(2, 'Yg'))).toEqual(kept(2));
    expect(await read()).toEqual(reads(2, 'Yg'));
  });

  test.each([
    ['by a stranger, in her name', () => signedBackup(3, 'YQ', { by: mallory })],
    [
      'with what she signed for another institution',
      () => signedBackup(3, 'YQ', { signedFor: LAKESHORE }),
    ],
    ['with other bytes than she signed', () => ({ ...signedBackup(3, 'YQ'), backup: 'Yw' })],
    ['at another place than she signed', () => ({ ...signedBackup(4, 'YQ'), sequence: 3 })],
    [
      'with another message of the same key',
      () => signedBackup(3, 'YQ', { message: listMessage(institutionField(RIVERSIDE), 3n, 4n) }),
    ],
  ])('is not overwritten %s', async (_, made) => {
    expect(await keep(made())).toEqual(refused('SIGNATURE_INVALID'));
    expect(await read()).toEqual(reads(2, 'Yg'));
  });

  test.each([
    ['the first one again', 1, 'YQ'],
    ['the present one again', 2, 'Yg'],
    ['one that leaves a number out, so that none could follow it', 2 ** 31 - 1, 'YQ'],
  ])('is not rolled back by %s, though she signed it', async (_, sequence, backup) => {
    expect(await keep(signedBackup(sequence, backup))).toEqual(refused('BACKUP_NOT_NEWER'));
    expect(await read()).toEqual(reads(2, 'Yg'));
  });

  test('is replaced by one of two devices that write at once, and the other is told', async () => {
    const both = await Promise.all([keep(signedBackup(3, 'YQ')), keep(signedBackup(3, 'Yw'))]);
    expect(both).toContainEqual(kept(3));
    expect(both).toContainEqual(refused('BACKUP_NOT_NEWER'));
    expect(await keep(signedBackup(4, 'Yg'))).toEqual(kept(4));
  });

  test.each([
    ['longer than any book', 5, 'A'.repeat(MAX_BACKUP_CHARACTERS + 1), 'INPUT_TOO_LARGE'],
    ['no bytes', 5, '', 'BAD_INPUT'],
    ['no base64url', 5, 'a+b=', 'BAD_INPUT'],
    ['number 0', 0, 'YQ', 'BAD_INPUT'],
    ['a negative number', -1, 'YQ', 'BAD_INPUT'],
  ])('is not replaced by %s', async (_, sequence, backup, code) => {
    const signed = { ...signedBackup(5, backup), sequence };
    expect(await keep(signed)).toEqual(refused(code));
    expect(await read()).toEqual(reads(4, 'Yg'));
  });

  test('may be as long as a book gets', async () => {
    const backup = 'A'.repeat(MAX_BACKUP_CHARACTERS);
    expect(await keep(signedBackup(5, backup))).toEqual(kept(5));
    expect(await read()).toEqual(reads(5, backup));
    expect(await keep(signedBackup(6, 'Yg'))).toEqual(kept(6));
  });

  test.each([
    ["a stranger's key", () => question({ by: mallory }), 'SIGNATURE_INVALID'],
    ["another's session", () => question({ for: mallorysSession }), 'SIGNATURE_INVALID'],
    [
      'what she signed for another institution',
      () => question({ signedFor: LAKESHORE }),
      'SIGNATURE_INVALID',
    ],
    [
      'what she signed to list her consents',
      () => {
        const here = institutionField(RIVERSIDE);
        return question({ message: listMessage(here, BigInt(now), session.holder.field) });
      },
      'SIGNATURE_INVALID',
    ],
    ['another moment', () => ({ ...question(), at: dateOf(now - 1) }), 'SIGNATURE_INVALID'],
    ['an old question', () => question({ at: now - 600 }), 'SIGNATURE_TOO_OLD'],
    ['a question of tomorrow', () => question({ at: now + 61 }), 'SIGNATURE_FROM_FUTURE'],
    ['a study nobody knows', () => ({ ...question(), study: 'NCT99999999' }), 'STUDY_UNKNOWN'],
  ])('is not given to %s', async (_, asked, code) => {
    expect(await read(asked())).toEqual(refused(code));
  });

  test('is not given without a token, nor carried on to another node', async () => {
    const asked = { institution: RIVERSIDE, question: question() };
    expect(await network.run(undefined, READ, asked)).toMatchObject({ codes: ['TOKEN_MISSING'] });
    const { schema } = network.riverside;
    const nobody = await answerOf(schema, READ, asked, PermitSet.mint([], []));
    expect(nobody).toMatchObject({ codes: ['TOKEN_MISSING'] });
    const opened = PermitSet.mint([], [], session.holder);
    const elsewhere = await answerOf(schema, READ, { ...asked, institution: LAKESHORE }, opened);
    expect(elsewhere.data.my).toEqual(refused('NOT_FOR_THIS_INSTITUTION'));
    const unknown = { codes: ['SOURCE_UNAVAILABLE'], data: { my: null } };
    const away = { institution: HILLSIDE };
    const unread = network.run(session, READ, { ...away, question: question() });
    expect(await unread).toMatchObject(unknown);
    const unkept = network.run(undefined, KEEP, { ...away, backup: signedBackup(7, 'YQ') });
    expect(await unkept).toMatchObject(unknown);
  });

  test('is asked for once a request, however often it is repeated', async () => {
    const other = question({ at: now - 1 });
    const { codes, data } = await network.run(
      session,
      `query ($one: WalletBackupQuestion!, $other: WalletBackupQuestion!) {
        my: walletBackup(institution: "${RIVERSIDE}", question: $one) { __typename }
        again: walletBackup(institution: "${RIVERSIDE}", question: $one) { __typename }
        other: walletBackup(institution: "${RIVERSIDE}", question: $other) { __typename } }`,
      { one: question(), other },
    );
    expect(codes).toEqual(['INPUT_TOO_LARGE']);
    expect(data).toMatchObject({ my: { __typename: 'WalletBackup' }, other: null });
  });

  test('is deleted with the link, no matter who ended it; a neighbour keeps hers', async () => {
    const { db } = network.riverside;
    const rows = () => db.transaction((tx) => tx.select().from(walletBackup), 'read');
    const anas = toPseudonym(String(ana.pseudonym));
    expect((await rows()).map(({ pseudonym }) => pseudonym)).toEqual([anas]);
    const own = and(eq(researchSubject.study, STUDY), eq(researchSubject.pseudonym, anas));
    const mallorys = eq(researchSubject.pseudonym, toPseudonym(String(mallory.pseudonym)));
    await db.transaction((tx) => tx.delete(researchSubject).where(mallorys));
    expect(await rows()).toHaveLength(1);
    await db.transaction((tx) => tx.delete(researchSubject).where(own));
    expect(await rows()).toEqual([]);
  });
});
