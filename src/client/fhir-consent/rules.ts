import type { Period } from '../../core/time.js';
import { type PolicyRule, readLabels } from './code.js';
import type { FhirConsent, FhirProvision } from './form.js';
import {
  classesOf,
  type Grant,
  grantsOf,
  type Inherited,
  purposesOf,
  requestersOf,
  requireExpressible,
} from './grant.js';
import { unsupported } from './reason.js';
import type { FhirConsentTerms } from './terms.js';

const ROOT = 'Consent.provision';
type Root = NonNullable<FhirConsent['provision']>;

/**
 * What the rules of a Consent permit: one grant per requester and set of purposes with equal
 * conditions. The exceptions of a permission widen or narrow it. The exceptions of a denial are
 * permissions, each by itself.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED for what a leaf cannot express; nothing is approximated.
 */
export function readRules(
  given: Root | undefined,
  base: PolicyRule['base'],
  outer: { readonly validity: Period; readonly dataWindow: Period },
  terms: FhirConsentTerms,
): readonly Grant[] {
  requireUnqualified(given);
  const root = typedRoot(given, base, terms);
  const inner = (root.provision ?? []).map((rule, i) => ({
    rule,
    place: `${ROOT}.provision[${i}]`,
  }));
  for (const { rule, place } of inner) {
    if (rule.type === undefined) throw unsupported('NO_RULE', place);
    if ((rule.provision ?? []).length > 0) throw unsupported('NESTED_TOO_DEEP', place);
  }
  const { dataClasses, labels, community } = terms;
  const { purposes = [] } = terms;
  const silent: Inherited = { ...outer, purposes, requesters: community, dataClasses, labels };
  const permits = inner.filter(({ rule }) => rule.type === 'permit');
  const denies = inner.filter(({ rule }) => rule.type === 'deny');
  const grants =
    root.type === 'permit'
      ? permitted({ ...root, provision: undefined }, permits, silent, terms)
      : excepted({ ...root, provision: undefined }, permits, silent, terms);
  if (root.type === 'deny' && denies[0]) throw unsupported('NESTED_DENY', denies[0].place);
  const narrowed = denies.reduce((all, { rule, place }) => narrow(all, rule, place), grants);
  const left = narrowed.filter((it) => it.purposes.length > 0 && it.dataClasses.length > 0);
  if (left.length === 0) throw unsupported('DISSENT', ROOT);
  requireEachOnce(left);
  return left;
}

/**
 * R4 lets a reader ignore an extension, but senders qualify rules with them: one such extension
 * says that a facility opted out.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: EXTENSION
 */
function requireUnqualified(root: Root | undefined): void {
  const inner = root?.provision ?? [];
  [root, ...inner].forEach((rule, at) => {
    const parts = [rule, ...(rule?.actor ?? []), ...(rule?.data ?? [])];
    const place = at === 0 ? ROOT : `${ROOT}.provision[${at - 1}]`;
    if (parts.some((part) => part?.extension !== undefined)) throw unsupported('EXTENSION', place);
  });
}

/**
 * The outer rule with the type that the base policy gives it. A rule with conditions but no type is
 * refused: in HL7's own examples some mean permit and some deny.
 *
 * @throws FHIR_CONSENT_UNSUPPORTED: NO_RULE, or a reason that applies whether it permits or denies.
 */
function typedRoot(
  given: Root | undefined,
  base: PolicyRule['base'],
  terms: FhirConsentTerms,
): Root & { readonly type: 'permit' | 'deny' } {
  if (given?.type !== undefined) return underBase({ ...given, type: given.type }, base);
  const { id: _id, extension: _extension, provision, ...conditions } = given ?? {};
  if (Object.values(conditions).some((condition) => condition !== undefined)) {
    requireExpressible(conditions, ROOT);
    requestersOf(conditions, terms, ROOT);
    throw unsupported('NO_RULE', ROOT);
  }
  if (base === undefined) throw unsupported('NO_RULE', ROOT);
  return { type: base, provision };
}

/**
 * An outer rule that denies part of what the base policy permits is an exception to that policy.
 */
function underBase(
  root: Root & { readonly type: 'permit' | 'deny' },
  base: PolicyRule['base'],
): Root & { readonly type: 'permit' | 'deny' } {
  if (base !== 'permit' || root.type !== 'deny') return root;
  const { type: _type, id: _id, extension: _extension, provision, ...conditions } = root;
  const isLimited = Object.values(conditions).some((condition) => condition !== undefined);
  if (!isLimited) return root;
  requireExpressible(conditions, ROOT);
  if ((provision ?? []).length > 0) throw unsupported('NESTED_TOO_DEEP', ROOT);
  return { type: 'permit', provision: [{ ...conditions, type: 'deny' }] };
}

interface Placed {
  readonly rule: FhirProvision;
  readonly place: string;
}

/** The grants of a general denial: the permissions among its exceptions. */
function excepted(
  root: FhirProvision,
  permits: readonly Placed[],
  silent: Inherited,
  terms: FhirConsentTerms,
): readonly Grant[] {
  if (permits.length === 0) throw unsupported('DISSENT', `${ROOT}.type`);
  const grants = permits.flatMap(({ rule, place }) => grantsOf(rule, silent, terms, place));
  // A limited denial does not imply permission beyond its limits; the Consent leaves that open.
  const { type: _type, id: _id, extension: _extension, ...limits } = root;
  const limited = Object.values(limits).some((limit) => limit !== undefined);
  if (limited) throw unsupported('NESTED_PERMIT', ROOT);
  return grants;
}

/** The grants of a permission, widened or narrowed by its exceptions. */
function permitted(
  root: FhirProvision,
  permits: readonly Placed[],
  silent: Inherited,
  terms: FhirConsentTerms,
): readonly Grant[] {
  const widening = permits.filter(({ rule, place }) => isWidening(rule, place));
  // A permission for everybody includes the requesters that its exceptions name.
  const named = widening.flatMap(({ rule, place }) => requestersOf(rule, terms, place) ?? []);
  const requesters = [...silent.requesters, ...named];
  const base = grantsOf(root, { ...silent, requesters }, terms, ROOT);
  const [first] = base;
  const inherited = first && { ...first, requesters: base.map(({ requester }) => requester) };
  const standing = permits
    .filter((one) => !widening.includes(one))
    .flatMap(({ rule, place }) => standingGrants(rule, inherited ?? silent, terms, place));
  const widened = widening.reduce<readonly Grant[]>(
    (grants, { rule, place }) => widen(grants, rule, terms, place),
    base,
  );
  return [...widened, ...standing];
}

function isWidening(rule: FhirProvision, place: string): boolean {
  requireExpressible(rule, place);
  purposesOf(rule, place);
  if (rule.securityLabel === undefined) return false;
  return !readLabels(rule.securityLabel, `${place}.securityLabel`).ordinary;
}

/**
 * The grants of an inner permission that stands by itself: it says which records for which
 * purposes.
 */
function standingGrants(
  rule: FhirProvision,
  inherited: Inherited,
  terms: FhirConsentTerms,
  place: string,
): readonly Grant[] {
  if (rule.purpose === undefined || rule.class === undefined) {
    throw unsupported('NESTED_PERMIT', place);
  }
  return grantsOf(rule, inherited, terms, place);
}

/** Adds labels for some requesters and purposes, which get a separate leaf. */
function widen(
  grants: readonly Grant[],
  rule: FhirProvision,
  terms: FhirConsentTerms,
  place: string,
): readonly Grant[] {
  const { class: classes, period, dataPeriod, securityLabel = [] } = rule;
  if (classes !== undefined || period !== undefined || dataPeriod !== undefined) {
    throw unsupported('NESTED_PERMIT', place);
  }
  const { labels } = readLabels(securityLabel, `${place}.securityLabel`);
  const requesters = requestersOf(rule, terms, place);
  const purposes = purposesOf(rule, place);
  const covered = new Set<string>();
  const widened = grants.flatMap((grant) => {
    if (requesters !== undefined && !requesters.includes(grant.requester)) return [grant];
    const isMeant = (one: Grant['purposes'][number]) =>
      purposes.length === 0 || purposes.includes(one);
    const meant = grant.purposes.filter(isMeant);
    for (const purpose of meant) covered.add(`${grant.requester} ${purpose}`);
    const rest = grant.purposes.filter((one) => !isMeant(one));
    const more = [...new Set([...grant.labels, ...labels])];
    return [
      { ...grant, purposes: rest },
      { ...grant, purposes: meant, labels: more },
    ].filter((one) => one.purposes.length > 0);
  });
  const whom = requesters ?? grants.map(({ requester }) => requester);
  const every = whom.every((one) => purposes.every((purpose) => covered.has(`${one} ${purpose}`)));
  const each = whom.every((one) => [...covered].some((key) => key.startsWith(`${one} `)));
  if (!every || !each) throw unsupported('LABELLED_ONLY', `${place}.securityLabel`);
  return widened;
}

/**
 * Removes labels, classes or purposes from all grants; an exception with two conditions is not
 * supported.
 */
function narrow(grants: readonly Grant[], rule: FhirProvision, place: string): readonly Grant[] {
  requireExpressible(rule, place);
  const purposes = purposesOf(rule, place);
  if (rule.dataPeriod !== undefined) throw unsupported('EXCEPT_TIMEFRAME', `${place}.dataPeriod`);
  const conditions = [rule.securityLabel, rule.class, rule.purpose].filter(
    (condition) => condition !== undefined,
  );
  const joined = conditions.length !== 1 || rule.actor !== undefined || rule.period !== undefined;
  if (joined) throw unsupported('NESTED_DENY', place);
  const classes = classesOf(rule, place) ?? [];
  const { ordinary, labels } = readLabels(rule.securityLabel ?? [], `${place}.securityLabel`);
  if (ordinary) throw unsupported('NESTED_DENY', `${place}.securityLabel`);
  return grants.map((grant) => ({
    ...grant,
    purposes: grant.purposes.filter((one) => !purposes.includes(one)),
    dataClasses: grant.dataClasses.filter((one) => !classes.includes(one)),
    labels: grant.labels.filter((one) => !labels.includes(one)),
  }));
}

/** Requires one grant per requester and purpose: a second leaf would replace the first. */
function requireEachOnce(grants: readonly Grant[]): void {
  const seen = new Set<string>();
  for (const { requester, purposes } of grants) {
    for (const purpose of purposes) {
      const key = `${requester} ${purpose}`;
      if (seen.has(key)) throw unsupported('PURPOSE_REPEATED', ROOT);
      seen.add(key);
    }
  }
}
