import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { unsupported } from './reason.js';

/**
 * The elements of a FHIR R4 Consent that decide what it permits. A provision with any other element
 * is refused: an element that is not read could forbid something.
 *
 * @source https://hl7.org/fhir/R4/consent.html
 */
const Coding = z.looseObject({ system: z.string().optional(), code: z.string().optional() });
/**
 * FHIR's JSON has no empty lists: the sender of one may mean "none" or "any". @source R4 json.html
 */
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);
const Concept = z.looseObject({ coding: some(Coding).optional() });
const Reference = z.looseObject({
  reference: z.string().optional(),
  type: z.string().optional(),
  identifier: z
    .looseObject({ system: z.string().optional(), value: z.string().optional() })
    .optional(),
});
const Period = z.strictObject({ start: z.string().optional(), end: z.string().optional() });
const Extension = z.looseObject({ url: z.string() });
/** R4 allows white space anywhere in base64. */
const base64 = z
  .string()
  .transform((text) => text.replace(/\s/g, ''))
  .pipe(z.base64());
const element = {
  id: z.string().optional(),
  extension: some(Extension).optional(),
  modifierExtension: some(Extension).optional(),
};

const provision = {
  ...element,
  type: z.enum(['permit', 'deny']).optional(),
  period: Period.optional(),
  actor: some(z.strictObject({ ...element, role: Concept, reference: Reference })).optional(),
  action: some(Concept).optional(),
  securityLabel: some(Coding).optional(),
  purpose: some(Coding).optional(),
  class: some(Coding).optional(),
  code: some(Concept).optional(),
  dataPeriod: Period.optional(),
  data: some(
    z.strictObject({
      ...element,
      meaning: z.enum(['instance', 'related', 'dependents', 'authoredby']),
      reference: Reference,
    }),
  ).optional(),
};
/** An exception to the rule. Of its own exceptions only their presence matters. */
const InnerProvision = z.strictObject({
  ...provision,
  provision: some(z.unknown()).optional(),
});
const OuterProvision = z.strictObject({
  ...provision,
  provision: some(InnerProvision).optional(),
});

const ConsentForm = z.looseObject({
  ...element,
  resourceType: z.literal('Consent'),
  implicitRules: z.string().optional(),
  identifier: some(z.looseObject({ value: z.string().optional() })).optional(),
  status: z.enum(['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error']),
  scope: Concept,
  category: some(Concept),
  patient: Reference.optional(),
  dateTime: z.string().optional(),
  performer: some(Reference).optional(),
  organization: some(Reference).optional(),
  sourceAttachment: z
    .looseObject({ contentType: z.string().optional(), data: base64.optional() })
    .optional(),
  policy: some(z.looseObject({ uri: z.string().optional() })).optional(),
  policyRule: Concept.optional(),
  provision: OuterProvision.optional(),
});

export type FhirConsent = z.infer<typeof ConsentForm>;
/** A rule, or an exception to it. */
export type FhirProvision = z.infer<typeof InnerProvision>;
export type FhirCoding = z.infer<typeof Coding>;
export type FhirConcept = z.infer<typeof Concept>;
export type FhirReference = z.infer<typeof Reference>;
export type FhirPeriod = z.infer<typeof Period>;

/** Elements that a Consent has in other releases but not in R4: R5's, then STU3's. */
const OF_OTHER_RELEASES = [
  ...['subject', 'date', 'grantor', 'grantee', 'manager', 'controller', 'decision'],
  ...['regulatoryBasis', 'policyBasis', 'policyText'],
  ...['consentingParty', 'period', 'actor', 'action', 'securityLabel', 'purpose', 'dataPeriod'],
  ...['data', 'except'],
];

/** The element that shows a Consent to be of another release; undefined if it may be R4's. */
function elementOfAnotherRelease(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { resourceType, provision, policyRule, ...elements } = json as Record<string, unknown>;
  if (resourceType !== 'Consent') return undefined;
  if (Array.isArray(provision)) return 'provision';
  if (typeof policyRule === 'string') return 'policyRule';
  return OF_OTHER_RELEASES.find((name) => Object.hasOwn(elements, name));
}

/**
 * @throws FHIR_INVALID naming the element, never its value; FHIR_CONSENT_UNSUPPORTED: RELEASE for a
 * Consent of R5 or STU3.
 * @source https://hl7.org/fhir/R5/consent.html, https://hl7.org/fhir/STU3/consent.html
 */
export function parseFhirConsent(json: unknown): FhirConsent {
  const other = elementOfAnotherRelease(json);
  if (other !== undefined) throw unsupported('RELEASE', `Consent.${other}`);
  const parsed = ConsentForm.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const place = ['Consent', ...(issue?.path ?? []), ...keys].join('.').slice(0, 200);
  throw new DomainError('FHIR_INVALID', { place });
}
