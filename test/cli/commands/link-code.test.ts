import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LinkCodeOptions, runLinkCode } from '../../../src/cli/commands/command-link-code.js';
import { loadNodeKeys } from '../../../src/cli/state/node-keys.js';
import { openStateFolder } from '../../../src/cli/state/state-folder.js';
import { linkPatient } from '../../../src/consent/registration/link.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { systemClock } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { linkWords } from '../../../src/core/signed/link-code.js';
import { isoFromSeconds } from '../../../src/core/time.js';
import { importBundle } from '../../../src/records/import/import-bundle.js';
import type { Database } from '../../../src/store/database.js';
import { openPglite } from '../../../src/store/pglite.js';
import { knowStudy, type StudyWallet, studyWallet } from '../../support/consent/study-wallet.js';
import { STUDY } from '../../support/names.js';
import { collection, patient } from '../../support/records/clinic.js';
import { layPglite } from '../../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-link-code-'));
const ID = toInstitutionId('riverside-hospital');
const thisYear = new Date().getUTCFullYear();
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Works in the database while no command does. */
async function inDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const server = await openPglite({ directory: join(home, 'database') });
  try {
    return await work(await server.open(ID));
  } finally {
    await server.close();
  }
}

/** What the wallet sends, by whichever way: the node has the key in its folder. */
async function answer(wallet: StudyWallet, code: string): Promise<void> {
  const { linkKey } = await loadNodeKeys(await openStateFolder(home), ID);
  await inDatabase((db) =>
    linkPatient({ db, institution: ID, clock: systemClock, linkKey }, wallet.linkRequest(ID, code)),
  );
}
const subjects = () =>
  inDatabase((db) => db.transaction((tx) => tx.select().from(researchSubject), 'read'));

/** What the command prints. */
async function linkCode(
  of: string,
  options: Partial<Pick<LinkCodeOptions, 'proxy' | 'confirm' | 'refuse'>> = {},
) {
  const printed: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    await runLinkCode({
      stateFolder: home,
      institution: ID,
      patient: of,
      study: STUDY,
      ...options,
    });
  } finally {
    spy.mockRestore();
  }
  return printed.join('');
}

beforeAll(async () => {
  await layPglite(join(home, 'database'));
  await inDatabase(async (db) => {
    await knowStudy({ db, institution: ID, clock: systemClock });
    const undated = { ...patient('undated'), birthDate: undefined };
    const people = [
      ...[patient('adult'), patient('child', `${thisYear - 10}-05-06`), undated],
      { ...patient('dead'), deceasedDateTime: '2025-01-01' },
      {
        ...patient('merged'),
        link: [{ type: 'replaced-by', other: { reference: 'Patient/adult' } }],
      },
      { ...patient('inactive'), active: false },
    ];
    await importBundle(db, collection(...(people as never[])), { source: 'test' });
  });
});

describe('assent link-code', () => {
  test.each([
    ['dead', 'PATIENT_DECEASED'],
    ['merged', 'PATIENT_MERGED'],
    ['inactive', 'PATIENT_INACTIVE'],
  ])('shows no code for who is %s, nor confirms one', async (id, code) => {
    for (const options of [{}, { confirm: true as const }, { refuse: true }]) {
      await expect(linkCode(id, options)).rejects.toMatchObject({ code });
    }
    expect(await linkCode('Patient/adult')).toMatch(/^[A-Za-z0-9_-]{22}\n$/);
  });

  test("prints a code for a proxy that ends at the child's majority, and nothing else", async () => {
    const printed = await linkCode('child', { proxy: 'PRN' });
    expect(printed).toMatch(/^[A-Za-z0-9_-]{22}\n$/);
    const wallet = studyWallet();
    await answer(wallet, printed.trim());
    expect(await subjects()).toEqual([]);
    const { publicKey } = wallet;
    const words = linkWords({ institution: ID, code: printed.trim(), publicKey });
    expect(await linkCode('child', { proxy: 'PRN', confirm: true })).toBe(`${words}\n`);
    expect(await linkCode('child', { proxy: 'PRN', confirm: words })).toBe('');
    const [row] = await subjects();
    expect(row).toMatchObject({ patientId: 'child', proxy: 'PRN' });
    expect(isoFromSeconds(row?.proxyUntil ?? 0).slice(0, 10)).toBe(`${thisYear + 8}-05-06`);
  });

  test("refuses a key that is not the wallet's, and prints another code", async () => {
    const overheard = (await linkCode('adult')).trim();
    const [thief, own] = [studyWallet(), studyWallet()];
    await answer(thief, overheard);
    expect((await linkCode('adult', { confirm: true })).split('\n')).toHaveLength(2);
    const another = (await linkCode('adult', { refuse: true })).trim();
    expect(await linkCode('adult', { confirm: true })).toBe('');
    await answer(own, another);
    const words = linkWords({ institution: ID, code: another, publicKey: own.publicKey });
    await linkCode('adult', { confirm: words });
    const rows = (await subjects()).filter(({ patientId }) => patientId === 'adult');
    expect(rows).toMatchObject([{ pseudonym: String(own.pseudonym) }]);
  });

  test("confirms no words of another session, nor a minor's own", async () => {
    const confirm = 'abandon '.repeat(6).trim();
    const refused = (code: string) => expect.objectContaining({ code });
    await expect(linkCode('adult', { confirm })).rejects.toThrow(refused('LINK_WORDS_UNKNOWN'));
    await expect(linkCode('child', { confirm })).rejects.toThrow(refused('PROXY_REQUIRED'));
  });

  test.each([
    ['child', 'PROXY_REQUIRED'],
    ['undated', 'BIRTH_DATE_MISSING'],
    ['nobody', 'FHIR_REFERENCE_UNRESOLVED'],
  ])('in the own session of %s is refused as %s', async (of, code) => {
    await expect(linkCode(of)).rejects.toThrow(expect.objectContaining({ code }));
  });

  test('goes by the age that is set', async () => {
    vi.stubEnv('ASSENT_MAJORITY_YEARS', '25');
    const born = `${thisYear - 20}-01-01`;
    await inDatabase((db) =>
      importBundle(db, collection(patient('young', born)), { source: 'test' }),
    );
    await expect(linkCode('young')).rejects.toThrow(
      expect.objectContaining({ code: 'PROXY_REQUIRED' }),
    );
    vi.unstubAllEnvs();
    expect(await linkCode('young')).toMatch(/^\S{22}\n$/);
  });
});
