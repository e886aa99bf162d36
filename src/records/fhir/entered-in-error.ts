/*
 * How sources say that a record was entered in error. R4 has one code for it, in one place; older
 * versions, other systems and people who type have many.
 */

/** "entered-in-error" in any spelling, reduced to its letters. */
const NORMALIZED = 'enteredinerror';
/** Longer texts mention an entry in error, mostly that of another record. */
const MAX_CHARACTERS = 200;

/** Codes that say it in other words, as system|code. */
const SAID_OTHERWISE: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActStatus|nullified',
  'http://hl7.org/fhir/v3/ActStatus|nullified',
  // Results posted to the wrong patient, or deleted. @source HL7 v2 table 0085
  'http://terminology.hl7.org/CodeSystem/v2-0085|W',
  'http://terminology.hl7.org/CodeSystem/v2-0085|D',
  'http://hl7.org/fhir/v2/0085|W',
  'http://hl7.org/fhir/v2/0085|D',
  'http://snomed.info/sct|723510000',
]);

/** Whether a text is only "entered in error", in any case and with any separators. */
export function isEnteredInError(text: string): boolean {
  if (text.length < NORMALIZED.length || text.length > MAX_CHARACTERS) return false;
  const words = text.replace(/<[^>]*>/g, '').toLowerCase();
  return words.replace(/[^a-z]/g, '') === NORMALIZED;
}

/** Whether a coding says it, by its code or its display. */
export function saysEnteredInError({ system, code }: Readonly<Record<string, unknown>>): boolean {
  return typeof code === 'string' && SAID_OTHERWISE.has(`${system ?? ''}|${code}`);
}

/** Elements in which R4's types say that a record was entered in error. */
const STATUS_ELEMENTS = ['status', 'verificationStatus'] as const;

/**
 * Whether a resource was entered in error: its status says so, in any spelling, system or status
 * element.
 */
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
