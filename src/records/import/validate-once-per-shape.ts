/*
 * A laboratory writes the same result a million times with other numbers and dates. What Medplum's
 * validator says of a resource depends on its names, its types and most of its values, but not on
 * which day a date is, whom a reference names or how much was measured. So a resource that differs
 * from a valid one only in these is valid too, and is not validated again.
 *
 * Two values are alike if each of the validator's patterns accepts both or neither, and no
 * invariant of the types below compares them. per-1 and mdd-1 compare dates of one object, but only
 * their order. An Age, a Range and a Timing are compared by number, so numbers are alike only
 * within valueQuantity. Every other value must be equal. (Of these the library evaluates mdd-1; a
 * later version may evaluate the others.)
 */

/**
 * Resource types whose invariants were reviewed for this; all others, Patient included, are always
 * validated.
 */
const TYPES: ReadonlySet<unknown> = new Set([
  ...['Encounter', 'Condition', 'Observation', 'MedicationRequest', 'MedicationDispense'],
  ...['MedicationAdministration', 'Procedure', 'Immunization', 'AllergyIntolerance'],
  ...['DiagnosticReport', 'Claim', 'ExplanationOfBenefit'],
]);

/** Longer likenesses come from resources with embedded documents, which never repeat. */
const MAX_LIKENESS = 20_000;
/** Maximum characters of all cached likenesses. */
const MAX_KEPT = 16 * 1024 * 1024;

const DATE = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const INSTANT =
  /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-3]):[0-5]\d)$/;
const RELATIVE = /^([A-Z][A-Za-z]{1,40})\/[A-Za-z0-9.-]{1,64}$/;
const URN_UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ID = /^[A-Za-z0-9.-]{1,64}$/;
/** The names of dates that per-1 and mdd-1 compare. */
const COMPARED: ReadonlySet<string> = new Set(['start', 'end', 'whenPrepared', 'whenHandedOver']);
const WORDS = /^[!-~][\u0020-\uFFFF]*$/;

/** Runs the validation, unless a resource with the same likeness was already found valid. */
export function validatesOnce(): (resource: unknown, validate: () => void) => void {
  const valid = new Set<string>();
  let kept = 0;
  return (resource, validate) => {
    const likeness = likenessOf(resource);
    if (likeness !== undefined && valid.has(likeness)) return;
    validate();
    if (likeness === undefined || likeness.length > MAX_LIKENESS) return;
    if (kept > MAX_KEPT) valid.clear();
    kept = valid.size === 0 ? likeness.length : kept + likeness.length;
    valid.add(likeness);
  };
}

/**
 * A text that is equal exactly for resources that are alike; undefined for those that must always
 * be validated.
 */
export function likenessOf(resource: unknown): string | undefined {
  if (typeof resource !== 'object' || resource === null) return undefined;
  const { resourceType, contained } = resource as Readonly<Record<string, unknown>>;
  // Contained resources are looked up by their id.
  if (!TYPES.has(resourceType) || contained !== undefined) return undefined;
  return ofObject(resource as Readonly<Record<string, unknown>>, '');
}

/** Each name and text is written with its length, so that the result is unambiguous. */
function ofObject(object: Readonly<Record<string, unknown>>, within: string): string {
  let told = '{';
  const dates: string[] = [];
  for (const name in object) {
    const value = object[name];
    told += `${name.length}:${name}`;
    if (typeof value === 'string') told += ofText(value, name, { object, within, dates });
    else if (name === 'value' && within === 'valueQuantity' && Number.isFinite(value)) told += '#';
    else told += ofValue(value, name);
  }
  return dates.length > 1 ? `${told}${orderOf(dates)}}` : `${told}}`;
}

function ofValue(value: unknown, within: string): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return `=${value};`;
  if (!Array.isArray(value)) return ofObject(value as Readonly<Record<string, unknown>>, within);
  let told = '[';
  for (const item of value) told += ofValue(item, within);
  return `${told}]`;
}

interface Place {
  readonly object: Readonly<Record<string, unknown>>;
  readonly within: string;
  readonly dates: string[];
}

function ofText(text: string, name: string, { object, within, dates }: Place): string {
  const isDate = DATE.test(text);
  if (isDate || INSTANT.test(text)) {
    if (COMPARED.has(name)) dates.push(text);
    return isDate ? 'd' : 't';
  }
  if (name === 'reference') {
    const type = RELATIVE.exec(text)?.[1];
    if (type !== undefined) return `r${type};`;
    if (URN_UUID.test(text)) return 'u';
  }
  if (name === 'id' && ID.test(text)) return 'i';
  const named = name === 'display' && 'reference' in object;
  const numbered = name === 'value' && within === 'identifier';
  return (named || numbered) && WORDS.test(text) ? 'w' : quoted(text);
}

function quoted(text: string): string {
  return `"${text.length}:${text}`;
}

/** The order of the dates of one object, if their texts show it; otherwise the dates themselves. */
function orderOf(dates: readonly string[]): string {
  const [first = ''] = dates;
  const comparable = dates.every(
    (date) => date.length === first.length && zoneOf(date) === zoneOf(first),
  );
  if (!comparable) return `!${dates.join()}`;
  const ranks = [...new Set(dates)].sort();
  return `<${dates.map((date) => ranks.indexOf(date)).join()}`;
}

function zoneOf(date: string): string {
  if (date.endsWith('Z')) return 'Z';
  return date.includes('T') ? date.slice(-'+00:00'.length) : '';
}
