import type { InternalTypeSchema } from '@medplum/core';
import { fhirTimeFault } from '../../core/fhir-time.js';
import { jsonPath } from '../../core/import/import-report.js';
import { withoutWhiteSpace } from './base64.js';

/*
 * Medplum's patterns accept the 30th of February, and a time without a zone. So every date in a
 * resource is checked here, even in elements that are never released.
 */

const DATE_TYPES: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);

/** Fractions of a second with more digits than the validator accepts; R4 sets no limit. */
const LONG_FRACTION = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9})\d+/;

/**
 * The names, as JSON has them, of all elements that hold a date, a dateTime or an instant. A few of
 * these names are shared with elements of other types, whose texts never begin with four digits.
 */
export function dateElementsOf(types: Iterable<InternalTypeSchema>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { elements } of types) {
    for (const [name, { type }] of Object.entries(elements)) {
      for (const { code } of type) {
        if (DATE_TYPES.has(code)) names.add(name.replace(/\[x\]$/, capitalized(code)));
      }
    }
  }
  // `value` is what a date itself consists of, but in other types it is any text.
  names.delete('value');
  return names;
}

/** The path of the first invalid date in a resource, and the rule that it breaks. */
export function dateFaultIn(resource: unknown, names: ReadonlySet<string>): string | undefined {
  const { resourceType } = resource as { readonly resourceType?: unknown };
  return faultIn(resource, [String(resourceType)], names);
}

/**
 * A copy that the validator's patterns accept; undefined if none is needed, because no fraction of
 * a second is too long and no base64 has white space.
 */
export function withPlainTexts(
  resource: unknown,
  names: ReadonlySet<string>,
  base64: ReadonlySet<string>,
): unknown {
  if (typeof resource !== 'object' || resource === null) return undefined;
  let isCut = false;
  const copy: unknown = JSON.parse(JSON.stringify(resource), (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    const plain = base64.has(name)
      ? withoutWhiteSpace(value)
      : names.has(name)
        ? value.replace(LONG_FRACTION, '$1')
        : value;
    isCut ||= plain !== value;
    return plain;
  });
  return isCut ? copy : undefined;
}

type Path = readonly PropertyKey[];

function faultIn(value: unknown, path: Path, names: ReadonlySet<string>): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name in value) {
    const one = (value as Readonly<Record<string, unknown>>)[name];
    const isDate = names.has(name);
    const found = Array.isArray(one)
      ? faultInList(one, isDate, [...path, name], names)
      : faultOf(one, isDate, [...path, name], names);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultInList(
  list: readonly unknown[],
  isDate: boolean,
  path: Path,
  names: ReadonlySet<string>,
): string | undefined {
  for (const [index, one] of list.entries()) {
    const found = faultOf(one, isDate, [...path, index], names);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultOf(
  value: unknown,
  isDate: boolean,
  path: Path,
  names: ReadonlySet<string>,
): string | undefined {
  if (typeof value !== 'string') return faultIn(value, path, names);
  if (!isDate || !/^\d{4}/.test(value)) return undefined;
  const fault = fhirTimeFault(value);
  return fault === undefined ? undefined : `${jsonPath(...path)} ${fault}`;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
