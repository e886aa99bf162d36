/*
 * How sources say that a record was never true. R4 has one code for it, in one place; older versions,
 * other systems and people who type have many.
 */

/** What is left of "entered-in-error" in any spelling. */
const NORMALIZED = 'enteredinerror';
/** Longer texts speak of something that was entered in error: of another record, mostly. */
const MAX_CHARACTERS = 200;

/** Codes that say it in other words, by their system. */
const SAID_OTHERWISE: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActStatus|nullified',
  'http://hl7.org/fhir/v3/ActStatus|nullified',
  // Results that were posted to the wrong patient, or deleted. @source HL7 v2 table 0085
  'http://terminology.hl7.org/CodeSystem/v2-0085|W',
  'http://terminology.hl7.org/CodeSystem/v2-0085|D',
  'http://hl7.org/fhir/v2/0085|W',
  'http://hl7.org/fhir/v2/0085|D',
  'http://snomed.info/sct|723510000',
]);

/** Whether a text is "entered in error" and nothing else, in whatever case and with whatever between. */
export function isEnteredInError(text: string): boolean {
  if (text.length < NORMALIZED.length || text.length > MAX_CHARACTERS) return false;
  const words = text.replace(/<[^>]*>/g, '').toLowerCase();
  return words.replace(/[^a-z]/g, '') === NORMALIZED;
}

/** Whether a coding says it, by its code or by the words beside it. */
export function saysEnteredInError({ system, code }: Readonly<Record<string, unknown>>): boolean {
  return typeof code === 'string' && SAID_OTHERWISE.has(`${system ?? ''}|${code}`);
}

/** Elements in which R4's types say that a record was never true. */
const STATUS_ELEMENTS = ['status', 'verificationStatus'] as const;

/** Whether a resource takes itself back: its status says so, in whatever spelling, system or place. */
export function isRetraction(resource: object): boolean {
  return STATUS_ELEMENTS.some((name) => saysIt((resource as Record<string, unknown>)[name]));
}

function saysIt(value: unknown): boolean {
  if (typeof value === 'string') return isEnteredInError(value);
  if (typeof value !== 'object' || value === null) return false;
  return (
    saysEnteredInError(value as Readonly<Record<string, unknown>>) ||
    Object.values(value).some(saysIt)
  );
}
