import type { Period } from '../../core/time.js';
import { fieldOf } from '../../zk/arithmetic/field.js';
import type { ConsentPlaintext } from '../consent/wallet.js';
import { isForCare, isForEmergencies, requireCategories } from './category.js';
import { ALL_LABELS, CONSENT_SCOPE, type PolicyRule, readPolicyRule } from './code.js';
import { type FhirConsent, parseFhirConsent } from './form.js';
import { isGivenByProxy } from './performer.js';
import { unsupported } from './reason.js';
import { readRules } from './rules.js';
import { type FhirConsentTerms, institutionMeant, POLICY_URN } from './terms.js';
import { readFhirPeriod, readFhirTime } from './time.js';

/** The result of reading a FHIR Consent: shown to the participant, then signed. */
export interface ReadFhirConsent {
  /** One for each requester and set of purposes; none replaces another. */
  readonly plaintexts: readonly ConsentPlaintext[];
  /** Whether someone other than the patient gave it: then a proxy's wallet signs. */
  readonly byProxy: boolean;
}

/**
 * Reads a FHIR R4 Consent: IHE PCF basic and intermediate, and security labels. Nothing is left out
 * or approximated: what a leaf cannot express is refused with a reason and its place.
 *
 * @param json - the resource, not yet validated.
 * @param terms - what it leaves to its policy and to the directory.
 * @throws FHIR_INVALID; FHIR_CONSENT_UNSUPPORTED with a FhirConsentReason; PERIOD_EMPTY,
 * TIME_OUT_OF_RANGE
 * @source https://profiles.ihe.net/ITI/PCF/
 */
export function readFhirConsent(json: unknown, terms: FhirConsentTerms): ReadFhirConsent {
  const consent = parseFhirConsent(json);
  requireReadable(consent);
  const policy = policyRuleOf(consent, terms);
  const shared = {
    institution: custodianOf(consent, terms),
    duties: policy.duties,
    policyText: policyTextOf(consent, terms),
  };
  const root = consent.provision;
  if (policy.isRestricted && !isRestricting(root)) {
    throw unsupported('RESTRICTION_MISSING', 'Consent.provision');
  }
  const dataWindow = readFhirPeriod(root?.dataPeriod, 'Consent.provision.dataPeriod', { from: 0 });
  const grants = readRules(root, policy.base, { validity: validityOf(consent), dataWindow }, terms);
  const byProxy = isGivenByProxy(consent);
  // Checked last, because the reasons found in its rules say more about a refused Consent.
  requireCategories(consent.category);
  return {
    byProxy,
    plaintexts: grants.map((grant) => ({
      ...shared,
      ...grant,
      labels: ALL_LABELS.filter((label) => grant.labels.includes(label)),
    })),
  };
}

/** If the policy names no duties, those of the terms apply. */
function policyRuleOf({ policyRule }: FhirConsent, terms: FhirConsentTerms): PolicyRule {
  if (policyRule === undefined) {
    return { base: undefined, isRestricted: false, duties: terms.duties };
  }
  const { duties, ...rule } = readPolicyRule(policyRule, 'Consent.policyRule');
  return { ...rule, duties: duties.length === 0 ? terms.duties : duties };
}

function requireReadable(consent: FhirConsent): void {
  const { status, scope, category, modifierExtension, implicitRules } = consent;
  // `_x` is the same element as `x`, and an extension of a modifier is not understood.
  const siblings = [consent._status, consent._implicitRules];
  if (status !== 'active') throw unsupported('NOT_ACTIVE', 'Consent.status');
  const isChanged = siblings.some((sibling) => sibling !== undefined);
  if (isChanged || modifierExtension !== undefined || implicitRules !== undefined) {
    throw unsupported('MODIFIER', 'Consent');
  }
  const scopes = (scope.coding ?? []).filter(({ system }) => system === CONSENT_SCOPE);
  const isKnown = scopes.every(({ code }) => code === 'patient-privacy' || code === 'research');
  if (scopes.length === 0 || !isKnown) throw unsupported('SCOPE', 'Consent.scope');
  if (category.some(isForCare)) throw unsupported('SCOPE', 'Consent.category');
  if (category.some(isForEmergencies)) throw unsupported('BREAK_GLASS', 'Consent.category');
}

/** Whether a rule restricts: it denies, or permits under conditions. */
function isRestricting(root: FhirConsent['provision']): boolean {
  const { purpose, class: classes, securityLabel, actor, dataPeriod } = root ?? {};
  const isLimited = [purpose, classes, securityLabel, actor, dataPeriod].some(
    (condition) => condition !== undefined,
  );
  return isLimited || (root?.provision ?? []).some(({ type }) => type === 'deny');
}

/** The organisation that enforces the consent is the one that may release. */
function custodianOf({ organization = [] }: FhirConsent, terms: FhirConsentTerms) {
  const [only, another] = organization;
  if (another !== undefined) throw unsupported('CUSTODIANS', 'Consent.organization');
  return only && institutionMeant(only, terms, 'Consent.organization[0]');
}

function validityOf({ dateTime, provision }: FhirConsent): Period {
  const place = 'Consent.provision.period';
  const given =
    dateTime === undefined ? undefined : readFhirTime(dateTime, 'Consent.dateTime').from;
  const from = provision?.period?.start === undefined ? given : 0;
  if (from === undefined) throw unsupported('DATE_MISSING', 'Consent.dateTime');
  return readFhirPeriod(provision?.period ?? {}, place, { from });
}

/** The text attached, or else that of the terms. If its hash is given, the text must match. */
function policyTextOf({ sourceAttachment, policy = [] }: FhirConsent, terms: FhirConsentTerms) {
  const { contentType, data } = sourceAttachment ?? {};
  const attached = data !== undefined && contentType?.split(';')[0] === 'text/plain';
  const text = attached ? textOf(data) : terms.policyText;
  const named = policy.map(({ uri }) => uri).filter((uri) => uri?.startsWith(POLICY_URN));
  const matches = named.every((uri) => uri === `${POLICY_URN}${fieldOf(text ?? '')}`);
  if (text === undefined || !matches) throw unsupported('POLICY_TEXT', 'Consent.source');
  return text;
}

function textOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
