import type { Resource } from '@medplum/fhirtypes';
import { isEnteredInError, saysEnteredInError } from './entered-in-error.js';
import { REQUIRED_CONCEPTS } from './required-codes.js';

/*
 * Elements that change the meaning of those around them. R4 marks them `?!`, and a system that does
 * not understand one must not use the record: extensibility.html#modifierExtension,
 * conformance-rules.html#isModifier.
 */

type Properties = Readonly<Record<string, unknown>>;

/** Modifiers that are never understood here, in any place. */
const NEVER_UNDERSTOOD: ReadonlySet<string> = new Set(['modifierExtension', 'implicitRules']);

/** Primitive modifiers that rows show: at the top of a resource, and in any Quantity. */
const TOLD_AT_TOP: ReadonlySet<string> = new Set([
  'status',
  'intent',
  'doNotPerform',
  'isSubpotent',
]);
const TOLD_ANYWHERE: ReadonlySet<string> = new Set(['comparator']);

/** Codes that servers put into `meta.tag` of resources that they deleted. */
const DELETED: ReadonlySet<string> = new Set(['deleted', 'removed']);

/**
 * Why a valid resource must not become a row: the path of an element that negates or changes the
 * others. Undefined if there is none.
 */
export function modifierAgainst(resource: Resource): string | undefined {
  const properties = resource as unknown as Properties;
  const type = resource.resourceType;
  return (
    notUnderstoodIn(properties, type) ??
    extendedIn(properties, type, TOLD_AT_TOP) ??
    deletedTag(properties, type) ??
    otherFocus(properties, type) ??
    statusAgainst(properties, type)
  );
}

function notUnderstoodIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return isEnteredInError(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = notUnderstoodIn(one, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (saysEnteredInError(value as Properties)) return path;
  const extended = extendedIn(value as Properties, path, TOLD_ANYWHERE);
  if (extended !== undefined) return extended;
  // `for in`, because Object.entries would allocate a list for every object of every resource.
  for (const name in value) {
    const inside = (value as Properties)[name];
    if (NEVER_UNDERSTOOD.has(name.startsWith('_') ? name.slice(1) : name) && !isEmpty(inside)) {
      return `${path}.${name}`;
    }
    const found = notUnderstoodIn(inside, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The path of a modifier with an extension. `_x` is the same element as `x`, which may be missing.
 *
 * @source R4 json.html#primitive
 */
function extendedIn(
  object: Properties,
  path: string,
  modifiers: ReadonlySet<string>,
): string | undefined {
  for (const name of modifiers) {
    if (isExtended(object[`_${name}`])) return `${path}.${name}`;
  }
  return undefined;
}

/** Whether a `_x` has an extension; an id alone has no meaning. */
export function isExtended(sibling: unknown): boolean {
  const { extension } = (sibling ?? {}) as { readonly extension?: unknown };
  return !isEmpty(extension);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function deletedTag({ meta }: Properties, type: string): string | undefined {
  const { tag } = (meta ?? {}) as { readonly tag?: readonly { readonly code?: string }[] };
  const isDeleted = tag?.some(({ code }) => code !== undefined && DELETED.has(code.toLowerCase()));
  return isDeleted ? `${type}.meta.tag` : undefined;
}

/**
 * An observation of a fetus, a donor or a device is filed under the patient but is not about the
 * patient.
 */
function otherFocus({ focus, subject }: Properties, type: string): string | undefined {
  if (type !== 'Observation' || !Array.isArray(focus)) return undefined;
  const { reference } = (subject ?? {}) as { readonly reference?: string };
  const isSubject = (one: { readonly reference?: string } | null) =>
    reference !== undefined && one?.reference === reference;
  return focus.every(isSubject) ? undefined : 'Observation.focus';
}

interface Concept {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
}

/**
 * The status in a CodeableConcept with a required binding. Two different codes, words alone, or a
 * code of another system are not understood.
 *
 * @returns the code, null if the source has no such element, undefined if it is not understood.
 */
export function statusIn(
  concept: Concept | undefined,
  path: keyof typeof REQUIRED_CONCEPTS,
): string | null | undefined {
  if (concept === undefined) return null;
  const { system, codes } = REQUIRED_CONCEPTS[path];
  const said = new Set(
    concept.coding?.flatMap((one) => (one.system === system ? [one.code ?? ''] : [])),
  );
  const [only] = said;
  return said.size === 1 && only !== undefined && codes.split(' ').includes(only)
    ? only
    : undefined;
}

function statusAgainst(properties: Properties, type: string): string | undefined {
  for (const name of ['verificationStatus', 'clinicalStatus']) {
    const path = `${type}.${name}`;
    if (!isBound(path)) continue;
    if (statusIn(properties[name] as Concept | undefined, path) === undefined) return path;
  }
  return undefined;
}

function isBound(path: string): path is keyof typeof REQUIRED_CONCEPTS {
  return Object.hasOwn(REQUIRED_CONCEPTS, path);
}
