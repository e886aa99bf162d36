import { randomBytes } from 'node:crypto';
import type { RegisterContext } from '../../../src/consent/base/context.js';
import type { PatientProxy } from '../../../src/consent/base/proxy.js';
import { issueLinkCode, linkPatient } from '../../../src/consent/registration/link.js';
import { confirmLink } from '../../../src/consent/registration/link-confirm.js';
import { addStudy } from '../../../src/consent/registration/study.js';
import { type StudyId, toInstitutionId } from '../../../src/core/ids.js';
import { linkCodeId, linkWords } from '../../../src/core/signed/link-code.js';
import { secondsFromIso } from '../../../src/core/time.js';
import { institutionField, randomField, studyField } from '../../../src/zk/arithmetic/field.js';
import { eddsaPublicKey, signEddsa } from '../../../src/zk/eddsa.js';
import {
  type ConsentFields,
  consentLeaf,
  eraseMessage,
  handleOf,
  linkMessage,
  pseudonymOf,
  withdrawSecretOf,
} from '../../../src/zk/leaf.js';
import type { SignedConsent } from '../../../src/zk/signed-consent.js';
import { dutiesOf, scopeOf } from '../../../src/zk/vocabulary.js';
import { STUDY } from '../names.js';
import { linkable } from './link-key.js';

export const NETWORK = 'pilot';
export const SPONSOR = 'northwind-trials';

const seconds = (iso: string) => BigInt(secondsFromIso(iso));

/** A participant's keys in one study, and what the wallet signs with them. */
export function studyWallet() {
  const seed = new Uint8Array(randomBytes(32));
  const withdrawalKey = randomField();
  const publicKey = eddsaPublicKey(seed);
  const pseudonym = pseudonymOf(publicKey);
  const secretOf = (serial: bigint) => withdrawSecretOf(withdrawalKey, serial);

  function consent(serial: bigint, changed: Partial<ConsentFields> = {}): SignedConsent {
    const fields: ConsentFields = {
      pseudonym,
      requester: 77n,
      study: studyField(NETWORK, SPONSOR, STUDY),
      institution: 0n,
      scope: scopeOf({ purposes: ['HRESCH'], dataClasses: ['OBSERVATION'], labels: [] }),
      duties: dutiesOf(['NPU']),
      validity: { from: seconds('2026-01-01T00:00:00Z'), until: seconds('2028-01-01T00:00:00Z') },
      dataWindow: { from: seconds('2000-01-01T00:00:00Z'), until: seconds('2030-01-01T00:00:00Z') },
      policy: 5n,
      serial,
      handle: handleOf(secretOf(serial)),
      salt: randomField(),
      ...changed,
    };
    return { fields, publicKey, signature: signEddsa(seed, consentLeaf(fields)) };
  }

  function linkRequest(institution: string, code: string, study: StudyId = STUDY) {
    const signature = signEddsa(seed, linkMessage(institutionField(institution), code));
    return { study, publicKey, codeId: linkCodeId(code), signature };
  }

  /** What has these secrets' consents erased, if they are this key's. */
  function erasure(institution: string, secrets: readonly (bigint | string)[]) {
    const message = eraseMessage(institutionField(institution), secrets.map(BigInt));
    return { secrets: secrets.map(String), publicKey, signature: signEddsa(seed, message) };
  }

  return { seed, publicKey, pseudonym, secretOf, consent, linkRequest, erasure };
}

export type StudyWallet = ReturnType<typeof studyWallet>;

/** Makes the study known there. */
export function knowStudy({ db }: RegisterContext, id: StudyId = STUDY) {
  const study = { network: NETWORK, id, sponsor: toInstitutionId(SPONSOR), title: 'A study' };
  return db.transaction((tx) => addStudy(tx, study));
}

/** A wallet whose pseudonym is linked with a patient there. */
export async function linkedWallet(
  context: RegisterContext,
  patientId: string,
): Promise<StudyWallet> {
  const wallet = studyWallet();
  await linkWallet(context, wallet, patientId);
  return wallet;
}

/** Links a wallet with a patient there, in the session of that proxy if there is one. */
export async function linkWallet(
  context: RegisterContext,
  wallet: StudyWallet,
  patientId: string,
  proxy: PatientProxy | null = null,
): Promise<void> {
  const register = linkable(context);
  const code = await issueLinkCode(register, { patientId, study: STUDY, ttlSeconds: 600, proxy });
  await linkPatient(register, wallet.linkRequest(context.institution, code));
  await confirmAs(register, { patientId, proxy }, wallet, code);
}

/** The patient, or the proxy, reads the wallet's words in the session that the code was shown in. */
export function confirmAs(
  context: RegisterContext,
  session: { readonly patientId: string; readonly proxy?: PatientProxy | null },
  { publicKey }: StudyWallet,
  code: string,
): Promise<void> {
  const { patientId, proxy } = session;
  const words = linkWords({ institution: context.institution, code, publicKey });
  const of = { patientId, study: STUDY, proxy: proxy?.relationship ?? null };
  return confirmLink(linkable(context), of, words);
}
