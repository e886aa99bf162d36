import { type Clock, systemClock } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { type Period, type Seconds, toPeriod, withOneEnd } from '../../core/time.js';
import { fieldOf, institutionField, randomField } from '../../zk/arithmetic/field.js';
import { type EddsaSignature, signEddsa } from '../../zk/eddsa.js';
import {
  backupMessage,
  backupReadMessage,
  type ConsentFields,
  consentLeaf,
  eraseMessage,
  handleOf,
  type LeafPeriod,
  linkMessage,
  listMessage,
} from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import {
  type DataClass,
  type Duty,
  dutiesOf,
  type Purpose,
  type Sensitivity,
  scopeOf,
} from '../../zk/vocabulary.js';
import type { BackedUpBook, BackupSigner, Backups } from '../keys/backups.js';
import type { BookStore } from '../keys/serial-book.js';
import { enterConsent, type StudyBook, studyBook } from '../keys/study-book.js';
import {
  deriveStudyKeys,
  type StudyKeys,
  type StudyName,
  withdrawalSecret,
} from '../keys/study-keys.js';

/** A consent as the participant reads it before signing. */
export interface ConsentPlaintext {
  /** requesterOf the secret of the requester who may use it. */
  readonly requester: bigint;
  /** The only custodian that may release; undefined = any. */
  readonly institution: InstitutionId | undefined;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly duties: readonly Duty[];
  /** The period in which it may be used. */
  readonly validity: Period;
  /** The dates of data that it covers. */
  readonly dataWindow: Period;
  /** The full text shown. */
  readonly policyText: string;
}

/** A signed request of the study key to one institution, in one session, at one moment. */
export interface SignedList {
  readonly institution: InstitutionId;
  readonly at: Seconds;
  /** Over listMessage(institution, at, holder). */
  readonly signature: EddsaSignature;
}

/** A participant's keys in one study. It signs only typed messages, never a raw challenge. */
export interface StudyWallet extends BackupSigner {
  readonly study: bigint;
  readonly pseudonym: bigint;
  /** The book of what this seed has signed in the study. */
  readonly book: StudyBook;
  /**
   * Signs a consent. It is recorded on this device and backed up before the signature is made,
   * because a consent that nobody remembers cannot be withdrawn.
   *
   * @returns the consent, and the secrets of those that it replaces. Publish these, so that no old
   *   consent can be used again.
   * @throws PURPOSE_MISSING, DATA_CLASS_MISSING, PERIOD_EMPTY; WALLET_NOT_RESTORED on a device that
   *   does not know what was signed earlier; BACKUP_INCOMPLETE.
   */
  signConsent(plaintext: ConsentPlaintext): Promise<{
    readonly signed: SignedConsent;
    readonly supersededSecrets: readonly bigint[];
  }>;
  /** Answers the one-time code that an institution showed in the patient's own session there. */
  signLink(institution: InstitutionId, code: string): EddsaSignature;
  /**
   * Signs a request to an institution for one's own consents and disclosures, now.
   *
   * @param holder - of the session that will ask; the signature is useless in any other.
   */
  signList(institution: InstitutionId, holder: bigint): SignedList;
  /** Signs a request that an institution erases the consents that these secrets withdraw. */
  signErase(institution: InstitutionId, secrets: readonly bigint[]): EddsaSignature;
  /** The secret to publish to withdraw the consent with that serial. */
  withdrawSecret(serial: bigint): bigint;
}

/** A participant's wallet: one seed, and a pair of keys per study derived from it. */
export interface Wallet {
  forStudy(name: StudyName): StudyWallet;
}

/** Where a wallet records what it signs: on this device, and in backups. */
export interface WalletBooks {
  readonly store: BookStore;
  /** Called whenever a consent is signed: the institutions linked by then can keep backups. */
  readonly backups: (study: StudyName) => Backups;
}

/**
 * @param seed - 32 random bytes, for instance from newWalletSeed.
 * @param options.books - without them the wallet cannot sign consents, but everything else.
 */
export function openWallet(
  seed: Uint8Array,
  options: { readonly books?: WalletBooks; readonly clock?: Clock } = {},
): Wallet {
  const { books, clock = systemClock } = options;
  // One at a time, so that two consents signed at once do not get the same serial.
  let signing: Promise<unknown> = Promise.resolve();

  return {
    forStudy(name) {
      const keys = deriveStudyKeys(seed, name);
      const { study, pseudonym, eddsaSeed } = keys;
      const signer = backupSigner(name, keys, clock);
      function book(): BackedUpBook {
        if (books === undefined) throw new DomainError('WALLET_NOT_RESTORED');
        const { store, backups } = books;
        return { keys, signer, store, backups: backups(name), nowSeconds: clock.nowSeconds() };
      }
      return {
        ...signer,
        study,
        pseudonym,
        book: studyBook(book),
        signConsent(plaintext) {
          const signed = signing.then(() => signConsent(book(), plaintext));
          signing = signed.catch(() => undefined);
          return signed;
        },
        signLink: (institution, code) =>
          signEddsa(eddsaSeed, linkMessage(institutionField(institution), code)),
        signList(institution, holder) {
          const at = clock.nowSeconds();
          const message = listMessage(institutionField(institution), BigInt(at), holder);
          return { institution, at, signature: signEddsa(eddsaSeed, message) };
        },
        signErase: (institution, secrets) =>
          signEddsa(eddsaSeed, eraseMessage(institutionField(institution), secrets)),
        withdrawSecret: (serial) => withdrawalSecret(keys, serial),
      };
    },
  };
}

export function newWalletSeed(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(32));
}

async function signConsent(book: BackedUpBook, plaintext: ConsentPlaintext) {
  if (plaintext.purposes.length === 0) throw new DomainError('PURPOSE_MISSING');
  if (plaintext.dataClasses.length === 0) throw new DomainError('DATA_CLASS_MISSING');
  const { keys } = book;
  const { requester, purposes, validity } = plaintext;
  const { fields, leaf, superseded } = await enterConsent(book, (serial) => {
    const fields = fieldsOf(keys, plaintext, serial);
    const entry = { serial, requester, purposes, until: validity.until };
    return { fields, leaf: consentLeaf(fields), entry };
  });
  const signature = signEddsa(keys.eddsaSeed, leaf);
  const supersededSecrets = superseded.map((serial) => withdrawalSecret(keys, serial));
  return { signed: { fields, publicKey: keys.publicKey, signature }, supersededSecrets };
}

function backupSigner(name: StudyName, keys: StudyKeys, clock: Clock): BackupSigner {
  const { study, publicKey, eddsaSeed } = keys;
  return {
    name,
    publicKey,
    signBackup(institution, sequence, backup) {
      const at = institutionField(institution);
      return signEddsa(eddsaSeed, backupMessage(at, study, BigInt(sequence), backup));
    },
    signBackupRead(institution, holder) {
      const at = clock.nowSeconds();
      const message = backupReadMessage(institutionField(institution), study, BigInt(at), holder);
      return { at, signature: signEddsa(eddsaSeed, message) };
    },
  };
}

function fieldsOf(keys: StudyKeys, plaintext: ConsentPlaintext, serial: bigint): ConsentFields {
  const { institution } = plaintext;
  return {
    pseudonym: keys.pseudonym,
    requester: plaintext.requester,
    study: keys.study,
    institution: institution === undefined ? 0n : institutionField(institution),
    scope: scopeOf(plaintext),
    duties: dutiesOf(plaintext.duties),
    validity: leafPeriod(plaintext.validity),
    dataWindow: leafPeriod(plaintext.dataWindow),
    policy: fieldOf(plaintext.policyText),
    serial,
    handle: handleOf(withdrawalSecret(keys, serial)),
    salt: randomField(),
  };
}

/**
 * A period as leaves and requests contain it. "No end" has a single representation, so that a
 * request without an end is within a grant without one. @throws PERIOD_EMPTY
 */
export function leafPeriod(period: Period): LeafPeriod {
  const { from, until } = withOneEnd(period);
  toPeriod(from, until);
  return { from: BigInt(from), until: BigInt(until) };
}
