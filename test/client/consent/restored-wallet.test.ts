import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupPlace } from '../../../src/client/consent/backup-place.js';
import { amendConsent, registerConsent } from '../../../src/client/consent/consent-cycle.js';
import { listMine } from '../../../src/client/consent/my.js';
import { openWallet, type StudyWallet } from '../../../src/client/consent/wallet.js';
import { withdrawConsents } from '../../../src/client/consent/withdraw.js';
import { connectGateway, type Gateway } from '../../../src/client/gateway/gateway.js';
import { newSession } from '../../../src/client/gateway/session.js';
import type { BackupPlace, Backups, KeptBackup } from '../../../src/client/keys/backups.js';
import { type BookStore, memoryBooks } from '../../../src/client/keys/serial-book.js';
import { researchSubject } from '../../../src/consent/tables/table-study.js';
import { clockOf } from '../../../src/core/clock.js';
import { DomainError } from '../../../src/core/errors.js';
import { toInstitutionId, toPseudonym, toStudyId } from '../../../src/core/ids.js';
import { unixMsFromSeconds } from '../../../src/core/time.js';
import { handleOf } from '../../../src/zk/leaf.js';
import type { SignedConsent } from '../../../src/zk/signed-consent.js';
import { plaintext, refusal, seedOf, studyName } from '../../support/client/sample.js';
import { startSmallNetwork } from '../../support/client/small-network.js';
import { now } from '../../support/consent/gate-fixture.js';
import { LAKESHORE, RIVERSIDE } from '../../support/names.js';

/** Wallets whose books are backed up at two real nodes, by way of a real gateway. */
const text = { ...plaintext, validity: { from: now - 60, until: now + 86_400 } };
let network: Awaited<ReturnType<typeof startSmallNetwork>>;
let gateway: Gateway;
let places: [BackupPlace, BackupPlace];
let seed = 40;

beforeAll(async () => {
  network = await startSmallNetwork(1n, openWallet(seedOf(39)).forStudy(studyName).pseudonym);
  gateway = await connectGateway({ url: network.url, fetch });
  places = [
    backupPlace({ gateway, institution: RIVERSIDE, ledger: network.ledger }),
    backupPlace({ gateway, institution: LAKESHORE, ledger: network.ledger }),
  ];
});
afterAll(() => network.stop());

interface DeviceOptions {
  readonly backups?: Backups;
  readonly store?: BookStore;
  /** Seconds that have passed. */
  readonly later?: number;
}

/** A device to which a seed was typed in. */
function device(seedByte: number, options: DeviceOptions = {}): StudyWallet {
  const { backups = { places }, store = memoryBooks(), later = 0 } = options;
  const clock = clockOf(() => unixMsFromSeconds(now + later));
  const books = { store, backups: () => backups };
  return openWallet(seedOf(seedByte), { books, clock }).forStudy(studyName);
}

/** A participant who is a patient of both hospitals, with a device that knows her book. */
async function participant(options: DeviceOptions = {}) {
  seed += 1;
  const phone = device(seed, options);
  const subject = {
    study: toStudyId(studyName.id),
    pseudonym: toPseudonym(String(phone.pseudonym)),
    patientId: `patient-${seed}`,
    linkedAt: 0,
  };
  for (const { db } of Object.values(network.nodes)) {
    await db.transaction((tx) => tx.insert(researchSubject).values(subject));
  }
  await phone.book.begin();
  return { phone, seed };
}

const desk = (institution: typeof RIVERSIDE) => ({
  gateway,
  institution,
  study: studyName,
  ledger: network.ledger,
});
const register = (signed: SignedConsent, at = RIVERSIDE) => registerConsent(desk(at), signed);
/** Signs, registers, and publishes what is replaced at the other hospital too, as the feed would. */
async function signAndRegister(wallet: StudyWallet, change: object = {}) {
  const { signed, supersededSecrets } = await wallet.signConsent({ ...text, ...change });
  await amendConsent(desk(RIVERSIDE), signed, supersededSecrets);
  if (supersededSecrets.length > 0) {
    const options = { institutions: [LAKESHORE], copies: 1 };
    await withdrawConsents(desk(LAKESHORE), supersededSecrets, options);
  }
  return { signed, supersededSecrets };
}

/** A place whose answers somebody on the way, or the institution itself, makes up. */
const lying = (place: BackupPlace, lie: Partial<BackupPlace>): BackupPlace => ({
  ...place,
  ...lie,
});
const silent = (place: BackupPlace): BackupPlace => {
  const fail = () => Promise.reject(new DomainError('SOURCE_FAILED'));
  return { ...place, read: fail, keep: fail };
};

describe('restored-wallet: a thief with an old paper', () => {
  test('restored-wallet: a thief cannot register what was signed before the wallet was restored', async () => {
    const { phone, seed } = await participant();
    const { signed: paper } = await phone.signConsent(text);
    const { signed: ofAnother } = await phone.signConsent({ ...text, requester: 6n });

    const restored = device(seed, { later: 60 });
    await expect(restored.signConsent(text)).rejects.toThrow(refusal('WALLET_NOT_RESTORED'));
    expect(await restored.book.isOpen()).toBe(false);
    expect(await restored.book.restore()).toEqual({
      answered: [RIVERSIDE, LAKESHORE],
      unanswered: [],
      behind: [],
    });
    const { signed, supersededSecrets } = await signAndRegister(restored);

    expect(supersededSecrets.map(handleOf)).toEqual([paper.fields.handle]);
    await expect(register(paper)).rejects.toThrow(refusal('SERIAL_NOT_NEWER'));
    await expect(register(paper, LAKESHORE)).rejects.toThrow(refusal('CONSENT_WITHDRAWN'));
    // What is the participant's own stands: the new consent, and the one for another requester.
    await expect(register(signed)).rejects.toThrow(refusal('SERIAL_NOT_NEWER'));
    expect((await register(ofAnother)).consent.institution).toBe(RIVERSIDE);
  });

  test('restored-wallet: an institution that shows an old backup takes nothing away, and is named', async () => {
    const { phone, seed } = await participant();
    await phone.signConsent({ ...text, requester: 6n });
    const old: KeptBackup = await places[1].read(phone);
    const { signed: paper } = await phone.signConsent(text);

    const backups: Backups = { places: [places[0], lying(places[1], { read: async () => old })] };
    const store = memoryBooks();
    const restored = device(seed, { backups, store });
    expect(await restored.book.restore()).toMatchObject({ behind: [LAKESHORE] });
    const { supersededSecrets } = await device(seed, { store, later: 60 }).signConsent(text);
    expect(supersededSecrets.map(handleOf)).toEqual([paper.fields.handle]);
  });

  test.each([
    ['says nothing', silent, 'SOURCE_FAILED'],
    [
      'answers with what does not open',
      (place: BackupPlace) =>
        lying(place, { read: async () => ({ sequence: 1, backup: 'A'.repeat(5_500) }) }),
      'SEALED_UNREADABLE',
    ],
    [
      'numbers its backup otherwise',
      (place: BackupPlace) =>
        lying(place, {
          read: async (of) => ({ ...(await place.read(of)), sequence: 2 ** 31 - 1 }),
        }),
      'SEALED_UNREADABLE',
    ],
  ])('restored-wallet: where an institution %s, the person decides', async (_, lie, code) => {
    const { phone, seed } = await participant();
    await phone.signConsent(text);
    const backups: Backups = { places: [places[0], lie(places[1])] };
    const restored = device(seed, { backups, later: 60 });
    await expect(restored.book.restore()).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    await expect(restored.signConsent(text)).rejects.toThrow(refusal('WALLET_NOT_RESTORED'));
    expect(await restored.book.restore({ answers: 1 })).toEqual({
      answered: [RIVERSIDE],
      unanswered: [{ institution: LAKESHORE, code }],
      behind: [],
    });
    expect(await restored.book.signed()).toHaveLength(1);
  });

  test('restored-wallet: whose every backup is lost ends at least what is registered', async () => {
    const { phone, seed } = await participant({ backups: 'NONE' });
    const { signed: first } = await phone.signConsent(text);
    await register(first);
    const nobody: Backups = { places: [silent(places[0]), silent(places[1])] };
    const store = memoryBooks();
    const restored = device(seed, { backups: nobody, store, later: 60 });
    await expect(restored.book.restore({ answers: 0 })).rejects.toThrow(
      refusal('BACKUP_INCOMPLETE'),
    );
    const session = await newSession();
    const asked = { study: studyName, institutions: [RIVERSIDE, LAKESHORE] };
    const mine = await listMine(gateway, { wallet: restored, session }, asked);
    await restored.book.declareLost(
      mine.consents.map(({ serial, requester, purposes, validity }) => ({
        serial,
        requester: BigInt(requester),
        purposes,
        until: validity.until,
      })),
    );
    const { supersededSecrets } = await device(seed, { store, later: 60 }).signConsent(text);
    expect(supersededSecrets.map(handleOf)).toEqual([first.fields.handle]);
  });

  test('restored-wallet: a seed that has no books signs nothing', async () => {
    const bare = openWallet(seedOf(7)).forStudy(studyName);
    await expect(bare.signConsent(text)).rejects.toThrow(refusal('WALLET_NOT_RESTORED'));
    await expect(bare.book.signed()).rejects.toThrow(refusal('WALLET_NOT_RESTORED'));
  });
});

describe('a consent is backed up before it is signed', () => {
  test('at two institutions, or it is not signed', async () => {
    const { phone, seed } = await participant({
      backups: { places: [places[0], silent(places[1])] },
    });
    await expect(phone.signConsent(text)).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    // The serial was written down, and no paper has it: that costs nothing.
    const other = device(seed);
    await other.book.restore();
    expect(await other.book.signed()).toHaveLength(1);
  });

  test('at one, where the person says that one will do', async () => {
    const { phone } = await participant({
      backups: { places: [places[0], silent(places[1])], copies: 1 },
    });
    await phone.signConsent(text);
  });

  test('at two, not twice at one', async () => {
    const { phone } = await participant({
      backups: { places: [places[0], { ...places[0] }], copies: 2 },
    });
    await expect(phone.signConsent(text)).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
  });

  test('which a place where she is not known does not do', async () => {
    const stranger = device(99);
    await stranger.book.begin();
    await expect(stranger.signConsent(text)).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    await expect(device(99).book.restore()).rejects.toThrow(refusal('BACKUP_INCOMPLETE'));
    const hillside = backupPlace({
      gateway,
      institution: toInstitutionId('hillside-hospital'),
      ledger: network.ledger,
    });
    await expect(hillside.read(stranger)).rejects.toThrow(refusal('INSTITUTION_UNKNOWN'));
  });

  test('and later, on demand, what was signed without', async () => {
    const store = memoryBooks();
    const { phone, seed } = await participant({ backups: 'NONE', store });
    const { signed } = await phone.signConsent(text);
    const withPlaces = device(seed, { store });
    expect(await withPlaces.book.backUp()).toEqual([RIVERSIDE, LAKESHORE]);
    const restored = device(seed);
    await restored.book.restore();
    expect((await restored.book.signed()).map(({ serial }) => serial)).toEqual([
      signed.fields.serial,
    ]);
  });
});

describe('two-devices: one person with a phone and a tablet', () => {
  async function phoneAndTablet() {
    const { phone, seed } = await participant();
    const tablet = device(seed);
    await tablet.book.restore();
    return { phone, tablet };
  }

  test('two-devices: consents for two requesters, signed in one second, have two handles', async () => {
    const { phone, tablet } = await phoneAndTablet();
    const [one, other] = await Promise.all([
      phone.signConsent(text),
      tablet.signConsent({ ...text, requester: 6n }),
    ]);
    expect(one.signed.fields.handle).not.toBe(other.signed.fields.handle);
    await register(one.signed);
    await register(other.signed);
    await withdrawConsents(desk(RIVERSIDE), [phone.withdrawSecret(one.signed.fields.serial)], {
      institutions: [RIVERSIDE, LAKESHORE],
      copies: 2,
    });
    // The other's consent was not withdrawn with it.
    expect((await register(other.signed, LAKESHORE)).consent.institution).toBe(LAKESHORE);
    await expect(register(one.signed, LAKESHORE)).rejects.toThrow(refusal('CONSENT_WITHDRAWN'));
  });

  test('two-devices: written down at once, neither loses what the other signed', async () => {
    const { phone, tablet } = await phoneAndTablet();
    const signings = [1n, 2n, 3n].flatMap((requester) => [
      phone.signConsent({ ...text, requester }),
      tablet.signConsent({ ...text, requester: requester + 10n }),
    ]);
    const all = await Promise.all(signings);
    await phone.book.backUp();
    await tablet.book.backUp();
    const serials = all.map(({ signed }) => signed.fields.serial).sort();
    for (const { book } of [phone, tablet]) {
      expect((await book.signed()).map(({ serial }) => serial).sort()).toEqual(serials);
    }
    expect(new Set(serials).size).toBe(6);
  });

  test('two-devices: each ends what the other signed for the same requester', async () => {
    const { phone, tablet } = await phoneAndTablet();
    const { signed: drawer } = await phone.signConsent(text);
    const { supersededSecrets } = await tablet.signConsent(text);
    expect(supersededSecrets.map(handleOf)).toEqual([drawer.fields.handle]);
  });
});
