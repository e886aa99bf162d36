import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { ReceiptAct, ReceiptFacts } from '../../core/evidence/receipt.js';
import type { InstitutionId } from '../../core/ids.js';
import { linkCodeId, linkWords } from '../../core/signed/link-code.js';
import { SUBTREE_KEY } from '../../core/subtree-key.js';
import { isoFromSeconds, type Seconds, secondsFromIso } from '../../core/time.js';
import { institutionField } from '../../zk/arithmetic/field.js';
import { consentLeaf, type LeafPeriod } from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { readDuties, readScope } from '../../zk/vocabulary.js';
import { type Gateway, knownCode } from '../gateway/gateway.js';
import type { LedgerAccounts } from '../gateway/ledger-accounts.js';
import {
  newReceiptNonce,
  type Receipt,
  requireReceipt,
  SIGNED_FIELDS,
  SignedForm,
} from '../gateway/receipt.js';
import type { StudyName } from '../keys/study-keys.js';
import type { ConsentPackage } from './consent-package.js';
import type { StudyWallet } from './wallet.js';

/** The institution that a wallet deals with, and the gateway to it. */
export interface Desk {
  readonly gateway: Gateway;
  readonly institution: InstitutionId;
  readonly study: StudyName;
  /** Where the wallet itself reads which account signs for the institution. */
  readonly ledger: LedgerAccounts;
}

const REFUSALS = '... on Refusals { refused { code } }';
const RECEIPT = `__typename
  ... on ConsentReceipt { institution { id } index leaf registeredAt subtreeKey
    ${SIGNED_FIELDS} } ${REFUSALS}`;

export const LINK = `mutation Link($institution: ID!, $link: LinkInput!, $nonce: String) {
  result: linkParticipant(institution: $institution, link: $link, nonce: $nonce) { __typename
    ... on LinkReceipt { institution { id } pseudonym proxyUntil confirmed ${SIGNED_FIELDS} }
    ${REFUSALS} } }`;
export const REGISTER = `mutation Register(
  $institution: ID!, $consent: SignedConsentInput!, $nonce: String
) {
  result: registerConsent(
    institution: $institution, consent: $consent, nonce: $nonce
  ) { ${RECEIPT} } }`;
export const AMEND = `mutation Amend(
  $institution: ID!, $consent: SignedConsentInput!, $secrets: [Field!]!, $nonce: String
) {
  result: amendConsent(
    institution: $institution, consent: $consent, supersededSecrets: $secrets, nonce: $nonce
  ) { ${RECEIPT} } }`;
export const ERASE = `mutation Erase($institution: ID!, $erasure: ErasureInput!, $nonce: String) {
  result: eraseConsents(institution: $institution, erasure: $erasure, nonce: $nonce) {
    __typename
    ... on ErasureReceipt { institution { id } erased ${SIGNED_FIELDS} } ${REFUSALS} } }`;

const named = z.object({ id: z.string() });
const time = z.iso.datetime({ offset: true }).transform(secondsFromIso);
const ReceiptForm = z.object({
  institution: named,
  index: z
    .int()
    .min(0)
    .max(2 ** SHARD_LEVELS - 1),
  leaf: z.string(),
  registeredAt: time,
  subtreeKey: z.string().regex(SUBTREE_KEY),
  signed: SignedForm,
});
const LinkForm = z.object({
  institution: named,
  pseudonym: z.string(),
  proxyUntil: time.nullable(),
  confirmed: z.boolean(),
  signed: SignedForm,
});
const ErasureForm = z.object({
  institution: named,
  erased: z.int().min(0),
  signed: SignedForm,
});
const RefusalsForm = z.object({
  __typename: z.literal('Refusals'),
  refused: z.array(z.object({ code: z.string() })).min(1),
});

/** The result of answering a link code. */
export interface LinkedWallet {
  /**
   * The patient's majority, after which a proxy's consents must not be valid; null if the patient
   * links.
   */
  readonly proxyUntil: Seconds | null;
  /** linkWords of this wallet's key. */
  readonly words: string;
  /**
   * Whether the patient has confirmed the key; nothing is registered before that
   * (LINK_NOT_CONFIRMED).
   */
  readonly confirmed: boolean;
  readonly receipt: Receipt;
}

/**
 * Answers the one-time code that the institution showed, so that it knows whose pseudonym this is.
 * The code itself is not sent, only its id, with which nothing can be signed.
 *
 * @returns words to compare with those that the institution shows in the patient's session.
 * @throws LINK_CODE_INVALID, PSEUDONYM_TAKEN, PROXY_ENDED, SOURCE_FAILED, RECEIPT_MISSING,
 * RECEIPT_INVALID
 */
export async function linkWallet(
  desk: Desk,
  wallet: StudyWallet,
  code: string,
): Promise<LinkedWallet> {
  const { institution } = desk;
  const signature = decimalsOf({ ...wallet.signLink(institution, code) });
  const publicKey = decimalsOf({ ...wallet.publicKey });
  const link = { study: desk.study.id, codeId: linkCodeId(code), publicKey, signature };
  const { study, codeId } = link;
  const request = { study, codeId, pseudonym: String(wallet.pseudonym) };
  const asking = { act: 'LINK', document: LINK, variables: { link }, request } as const;
  const { done, receipt } = await act(desk, asking, LinkForm, ({ proxyUntil, confirmed }) => ({
    proxyUntil,
    confirmed,
  }));
  const { proxyUntil, confirmed } = done;
  const words = linkWords({ institution, code, publicKey: wallet.publicKey });
  return { proxyUntil, words, confirmed, receipt };
}

/** A consent that an institution has registered. */
export interface RegisteredConsent {
  /** What its requester needs, to be sealed. It can be proved after the next anchor. */
  readonly consent: ConsentPackage;
  readonly receipt: Receipt;
}

/**
 * Registers a signed consent.
 *
 * @throws the institution's own code, for example SERIAL_NOT_NEWER or PAST_MAJORITY;
 * NOT_FOR_THIS_INSTITUTION, SOURCE_FAILED, RECEIPT_MISSING, RECEIPT_INVALID
 */
export async function registerConsent(
  desk: Desk,
  signed: SignedConsent,
): Promise<RegisteredConsent> {
  const leaf = String(consentLeaf(signed.fields));
  const variables = { consent: consentInput(desk, signed) };
  const asking = { act: 'REGISTER', document: REGISTER, variables, request: { leaf } } as const;
  return register(desk, signed, asking);
}

/**
 * Registers a consent in place of those signed before it, whose secrets the institution publishes
 * in the same step. If this throws, nothing was withdrawn, unless only the answer was lost: then
 * trying again gives SERIAL_NOT_NEWER.
 *
 * @param supersededSecrets - as signConsent returned them.
 * @throws as registerConsent; FEED_GAP, RATE_LIMITED if the institution accepts no withdrawals now.
 */
export async function amendConsent(
  desk: Desk,
  signed: SignedConsent,
  supersededSecrets: readonly bigint[],
): Promise<RegisteredConsent> {
  const secrets = supersededSecrets.map(String);
  const request = { leaf: String(consentLeaf(signed.fields)), secrets };
  const variables = { consent: consentInput(desk, signed), secrets };
  return register(desk, signed, { act: 'AMEND', document: AMEND, variables, request });
}

/**
 * Has the institution erase consents; they are first withdrawn everywhere.
 *
 * @param secrets - w of each: wallet.withdrawSecret of its serial.
 * @returns erased: how many of this wallet's consents it had.
 * @throws the institution's own code; SOURCE_FAILED, RECEIPT_MISSING, RECEIPT_INVALID
 */
export async function eraseConsents(
  desk: Desk,
  wallet: StudyWallet,
  secrets: readonly bigint[],
): Promise<{ readonly erased: number; readonly receipt: Receipt }> {
  const signature = decimalsOf({ ...wallet.signErase(desk.institution, secrets) });
  const publicKey = decimalsOf({ ...wallet.publicKey });
  const erasure = { secrets: secrets.map(String), publicKey, signature };
  const request = { pseudonym: String(wallet.pseudonym), secrets: erasure.secrets };
  const asking = { act: 'ERASE', document: ERASE, variables: { erasure }, request } as const;
  const { done, receipt } = await act(desk, asking, ErasureForm, ({ erased }) => ({ erased }));
  return { erased: done.erased, receipt };
}

async function register(
  desk: Desk,
  signed: SignedConsent,
  asking: Asking,
): Promise<RegisteredConsent> {
  const { done, receipt } = await act(desk, asking, ReceiptForm, (told) => {
    const { index, registeredAt, subtreeKey } = told;
    return { index, registeredAt, subtreeKey };
  });
  const { institution } = desk;
  const { index, subtreeKey } = done;
  return { consent: { ...signed, institution, index, subtreeKey }, receipt };
}

/**
 * What one institution is asked to do, as sent through the gateway and as repeated in the receipt.
 */
interface Asking {
  readonly act: ReceiptAct;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly request: ReceiptFacts;
}

type DoneForm = z.ZodType<{
  readonly institution: { readonly id: string };
  readonly signed?: z.output<typeof SignedForm>;
}>;

/** One institution acts and signs that it did, or says why not. */
async function act<Form extends DoneForm>(
  { gateway, institution, ledger }: Desk,
  { act, document, variables, request }: Asking,
  form: Form,
  outcomeOf: (done: z.output<Form>) => ReceiptFacts,
): Promise<{ readonly done: z.output<Form>; readonly receipt: Receipt }> {
  const nonce = newReceiptNonce();
  const asked = { document, variables: { institution, ...variables, nonce } };
  const { data, errors } = await gateway.send(asked);
  if (errors[0] !== undefined) throw errors[0];
  // A refusal is not signed: the gateway can always refuse anyway, by forwarding nothing.
  const refused = RefusalsForm.safeParse(data.result);
  if (refused.success) throw new DomainError(knownCode(refused.data.refused[0]?.code));
  const parsed = form.safeParse(data.result);
  if (!parsed.success) throw new DomainError('SOURCE_FAILED', { institution });
  const done = parsed.data;
  const outcome = outcomeOf(done);
  const { signed } = done;
  const receipt = await requireReceipt(
    ledger,
    { institution, act, request, outcome, nonce },
    signed,
  );
  return { done, receipt };
}

/** The values that the leaf was made from: the node derives the same leaf from them, or refuses. */
function consentInput({ institution, study }: Desk, { fields, ...signed }: SignedConsent) {
  const { requester, policy, serial, handle, salt } = fields;
  const any = fields.institution === 0n;
  if (!any && fields.institution !== institutionField(institution)) {
    throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  }
  return {
    study: study.id,
    ...(any ? {} : { institution }),
    ...readScope(fields.scope),
    duties: readDuties(fields.duties),
    validity: datesOf(fields.validity),
    dataWindow: datesOf(fields.dataWindow),
    ...decimalsOf({ requester, policy, serial, handle, salt }),
    publicKey: decimalsOf({ ...signed.publicKey }),
    signature: decimalsOf({ ...signed.signature }),
  };
}

function datesOf({ from, until }: LeafPeriod) {
  return { from: isoFromSeconds(Number(from)), until: isoFromSeconds(Number(until)) };
}

function decimalsOf(elements: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(elements).map(([name, value]) => [name, String(value)]));
}
