import { type Clock, systemClock } from '../core/clock.js';
import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import { type Period, type Seconds, toPeriod } from '../core/time.js';
import { type EddsaPublicKey, type EddsaSignature, signEddsa } from '../zk/eddsa.js';
import { fieldOf, institutionField, randomField } from '../zk/field.js';
import {
  type ConsentFields,
  consentLeaf,
  eraseMessage,
  handleOf,
  type LeafPeriod,
  linkMessage,
  listMessage,
} from '../zk/leaf.js';
import {
  type DataClass,
  type Duty,
  dutiesOf,
  type Purpose,
  type Sensitivity,
  scopeOf,
} from '../zk/vocabulary.js';
import { memoryBook, nextSerial, type SerialBook, supersededBy } from './signed-serials.js';
import { deriveStudyKeys, type StudyKeys, type StudyName, withdrawalSecret } from './study-keys.js';

/** A consent as the participant reads it before signing. */
export interface ConsentPlaintext {
  /** requesterOf the secret of whoever may use it. */
  readonly requester: bigint;
  /** The one custodian that may release; undefined = any. */
  readonly institution: InstitutionId | undefined;
  readonly purposes: readonly Purpose[];
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly duties: readonly Duty[];
  /** When it may be used. */
  readonly validity: Period;
  /** Which dates of data it covers. */
  readonly dataWindow: Period;
  /** The full text shown. */
  readonly policyText: string;
}

/** What an institution registers: everything the leaf is made of, and the study key's word on it. */
export interface SignedConsent {
  readonly fields: ConsentFields;
  readonly publicKey: EddsaPublicKey;
  /** Over consentLeaf(fields). */
  readonly signature: EddsaSignature;
}

/** That the study key asks one institution, in one session, at one moment. */
export interface SignedList {
  readonly institution: InstitutionId;
  readonly at: Seconds;
  /** Over listMessage(institution, at, holder). */
  readonly signature: EddsaSignature;
}

/** A participant's keys in one study. It signs typed messages alone, never a raw challenge. */
export interface StudyWallet {
  readonly study: bigint;
  readonly pseudonym: bigint;
  readonly publicKey: EddsaPublicKey;
  /**
   * Signs a consent.
   *
   * @returns it, and the secrets of those that it replaces: publish them, so that no old paper in a
   * drawer comes back.
   * @throws PURPOSE_MISSING, DATA_CLASS_MISSING, PERIOD_EMPTY
   */
  signConsent(plaintext: ConsentPlaintext): Promise<{
    readonly signed: SignedConsent;
    readonly supersededSecrets: readonly bigint[];
  }>;
  /** Answers the one-time code that an institution showed in the patient's own session there. */
  signLink(institution: InstitutionId, code: string): EddsaSignature;
  /**
   * Asks an institution for one's own consents and disclosures, now.
   *
   * @param holder - of the session that will ask; the signature is worth nothing to another.
   */
  signList(institution: InstitutionId, holder: bigint): SignedList;
  /** Has an institution forget the consents that these secrets withdraw. */
  signErase(institution: InstitutionId, secrets: readonly bigint[]): EddsaSignature;
  /** What to publish to withdraw the consent of that serial. */
  withdrawSecret(serial: bigint): bigint;
}

/** A participant's wallet: one seed, and a pair of keys per study derived from it. */
export interface Wallet {
  forStudy(name: StudyName): StudyWallet;
}

/** @param seed - 32 random bytes, for instance from newWalletSeed. */
export function openWallet(
  seed: Uint8Array,
  options: { readonly book?: SerialBook; readonly clock?: Clock } = {},
): Wallet {
  const { book = memoryBook(), clock = systemClock } = options;
  // One at a time, so that two consents signed at once do not get one serial.
  let signing: Promise<unknown> = Promise.resolve();

  return {
    forStudy(name) {
      const keys = deriveStudyKeys(seed, name);
      const { study, pseudonym, publicKey, eddsaSeed } = keys;
      return {
        study,
        pseudonym,
        publicKey,
        signConsent(plaintext) {
          const signed = signing.then(() => signConsent(keys, plaintext, book, clock));
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

async function signConsent(
  keys: StudyKeys,
  plaintext: ConsentPlaintext,
  book: SerialBook,
  clock: Clock,
) {
  if (plaintext.purposes.length === 0) throw new DomainError('PURPOSE_MISSING');
  if (plaintext.dataClasses.length === 0) throw new DomainError('DATA_CLASS_MISSING');
  const earlier = await book.read(keys.study);
  const serial = nextSerial(earlier, clock.nowSeconds());
  const fields = fieldsOf(keys, plaintext, serial);
  const leaf = consentLeaf(fields);
  const entry = { serial, requester: plaintext.requester, purposes: plaintext.purposes };
  await book.append(keys.study, entry);
  const signature = signEddsa(keys.eddsaSeed, leaf);
  const supersededSecrets = supersededBy(earlier, entry).map((old) =>
    withdrawalSecret(keys, old.serial),
  );
  return { signed: { fields, publicKey: keys.publicKey, signature }, supersededSecrets };
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

/** A period as leaves and requests hold it. @throws PERIOD_EMPTY */
export function leafPeriod({ from, until }: Period): LeafPeriod {
  toPeriod(from, until);
  return { from: BigInt(from), until: BigInt(until) };
}
