import { z } from 'zod';
import { DomainError } from '../core/errors.js';
import type { InstitutionId } from '../core/ids.js';
import { linkCodeId, linkWords } from '../core/link-code.js';
import { isoFromSeconds, type Seconds, secondsFromIso } from '../core/time.js';
import { institutionField } from '../zk/field.js';
import { consentLeaf, type LeafPeriod } from '../zk/leaf.js';
import { SHARD_LEVELS } from '../zk/tree.js';
import { readDuties, readScope } from '../zk/vocabulary.js';
import type { ConsentPackage } from './consent-package.js';
import { type Gateway, knownCode } from './gateway.js';
import type { StudyName } from './study-keys.js';
import type { SignedConsent, StudyWallet } from './wallet.js';

/** The institution that a wallet deals with, and by way of which gateway. */
export interface Desk {
  readonly gateway: Gateway;
  readonly institution: InstitutionId;
  readonly study: StudyName;
}

const REFUSALS = '... on Refusals { refused { code } }';
const RECEIPT = `__typename ... on ConsentReceipt { institution { id } index leaf } ${REFUSALS}`;

const LINK = `mutation Link($institution: ID!, $link: LinkInput!) {
  result: linkParticipant(institution: $institution, link: $link) {
    __typename ... on LinkReceipt { institution { id } pseudonym proxyUntil confirmed } ${REFUSALS} } }`;
const REGISTER = `mutation Register($institution: ID!, $consent: SignedConsentInput!) {
  result: registerConsent(institution: $institution, consent: $consent) { ${RECEIPT} } }`;
const AMEND = `mutation Amend(
  $institution: ID!, $consent: SignedConsentInput!, $secrets: [Field!]!
) {
  result: amendConsent(
    institution: $institution, consent: $consent, supersededSecrets: $secrets
  ) { ${RECEIPT} } }`;
const ERASE = `mutation Erase($institution: ID!, $erasure: ErasureInput!) {
  result: eraseConsents(institution: $institution, erasure: $erasure) {
    __typename ... on ErasureReceipt { institution { id } erased } ${REFUSALS} } }`;

const named = z.object({ id: z.string() });
const ReceiptForm = z.object({
  institution: named,
  index: z
    .int()
    .min(0)
    .max(2 ** SHARD_LEVELS - 1),
  leaf: z.string(),
});
const LinkForm = z.object({
  institution: named,
  pseudonym: z.string(),
  proxyUntil: z.iso.datetime().nullable(),
  confirmed: z.boolean(),
});
const ErasureForm = z.object({ institution: named, erased: z.int().min(0) });
const RefusalsForm = z.object({
  __typename: z.literal('Refusals'),
  refused: z.array(z.object({ code: z.string() })).min(1),
});

/** What came of answering a code. */
export interface LinkedWallet {
  readonly proxyUntil: Seconds | null;
  /** linkWords of this wallet's key. */
  readonly words: string;
  readonly confirmed: boolean;
}

/**
 * Answers the one-time code that the institution showed, so that it knows whose pseudonym this is. The
 * code stays here: what is sent is its id, which nothing can be signed with.
 *
 * @returns proxyUntil: what a proxy's consents may not outlast, the patient's majority; null for the
 * patient. words: to be compared with those that the institution shows in the patient's session there;
 * until the patient has confirmed them nothing is registered (LINK_NOT_CONFIRMED).
 * @throws LINK_CODE_INVALID, PSEUDONYM_TAKEN, PROXY_ENDED, SOURCE_FAILED
 */
export async function linkWallet(
  desk: Desk,
  wallet: StudyWallet,
  code: string,
): Promise<LinkedWallet> {
  const signature = decimalsOf({ ...wallet.signLink(desk.institution, code) });
  const publicKey = decimalsOf({ ...wallet.publicKey });
  const link = { study: desk.study.id, codeId: linkCodeId(code), publicKey, signature };
  const { pseudonym, proxyUntil, confirmed } = await act(desk, LINK, { link }, LinkForm);
  if (pseudonym !== String(wallet.pseudonym)) throw new DomainError('SOURCE_FAILED');
  const words = linkWords({ institution: desk.institution, code, publicKey: wallet.publicKey });
  return { proxyUntil: proxyUntil === null ? null : secondsFromIso(proxyUntil), words, confirmed };
}

/**
 * Registers a signed consent.
 *
 * @returns what its requester needs, to be sealed; it can be proved after the next anchor.
 * @throws the institution's own code, for example SERIAL_NOT_NEWER or PAST_MAJORITY;
 * NOT_FOR_THIS_INSTITUTION, SOURCE_FAILED
 */
export async function registerConsent(desk: Desk, signed: SignedConsent): Promise<ConsentPackage> {
  const variables = { consent: consentInput(desk, signed) };
  return packageOf(desk, signed, await act(desk, REGISTER, variables, ReceiptForm));
}

/**
 * Registers a consent in the place of those signed before it, whose secrets the institution publishes
 * in the same act. If this throws, nothing was withdrawn, unless the answer was lost on its way: the
 * same again is then SERIAL_NOT_NEWER.
 *
 * @param supersededSecrets - what signConsent gave beside the consent.
 * @throws as registerConsent; FEED_GAP, RATE_LIMITED if the institution takes no withdrawals now.
 */
export async function amendConsent(
  desk: Desk,
  signed: SignedConsent,
  supersededSecrets: readonly bigint[],
): Promise<ConsentPackage> {
  const secrets = supersededSecrets.map(String);
  const variables = { consent: consentInput(desk, signed), secrets };
  return packageOf(desk, signed, await act(desk, AMEND, variables, ReceiptForm));
}

/**
 * Has the institution forget consents; they are withdrawn everywhere first.
 *
 * @param secrets - w of each: wallet.withdrawSecret of its serial.
 * @returns how many it had of this wallet.
 */
export async function eraseConsents(
  desk: Desk,
  wallet: StudyWallet,
  secrets: readonly bigint[],
): Promise<number> {
  const signature = decimalsOf({ ...wallet.signErase(desk.institution, secrets) });
  const publicKey = decimalsOf({ ...wallet.publicKey });
  const erasure = { secrets: secrets.map(String), publicKey, signature };
  const { erased } = await act(desk, ERASE, { erasure }, ErasureForm);
  return erased;
}

/** One institution acts, or says why it does not. */
async function act<Form extends z.ZodType<{ readonly institution: { readonly id: string } }>>(
  { gateway, institution }: Desk,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  form: Form,
): Promise<z.output<Form>> {
  const { data, errors } = await gateway.send({
    document,
    variables: { institution, ...variables },
  });
  if (errors[0] !== undefined) throw errors[0];
  const refused = RefusalsForm.safeParse(data.result);
  if (refused.success) throw new DomainError(knownCode(refused.data.refused[0]?.code));
  const done = form.safeParse(data.result);
  if (!done.success || done.data.institution.id !== institution) {
    throw new DomainError('SOURCE_FAILED', { institution });
  }
  return done.data;
}

/** A receipt for another leaf than was sent is no receipt. */
function packageOf(
  { institution }: Desk,
  signed: SignedConsent,
  { index, leaf }: z.output<typeof ReceiptForm>,
): ConsentPackage {
  if (leaf !== String(consentLeaf(signed.fields))) throw new DomainError('SOURCE_FAILED');
  return { ...signed, institution, index };
}

/** The words that the leaf was made of: the node makes the same leaf of them, or refuses. */
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
