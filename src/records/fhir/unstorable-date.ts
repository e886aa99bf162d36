import { fhirTimeFault, parseFhirTime } from '../../core/fhir-time.js';
import { jsonPath } from '../../core/import/import-report.js';

/** Names of elements whose text may look like a year but is not. */
const NO_DATES: ReadonlySet<string> = new Set(
  'code value system display unit id version text div data url reference'.split(' '),
);

/** The path of the first date in a resource before 1900 or, because of its zone, after 9999. */
export function unstorableDateIn(resource: object): string | undefined {
  const { resourceType } = resource as { readonly resourceType?: string };
  return placeIn(resource, [resourceType ?? '']);
}

function placeIn(value: object, path: readonly PropertyKey[]): string | undefined {
  for (const [name, one] of Object.entries(value) as [string, unknown][]) {
    const at = [...path, Array.isArray(value) ? Number(name) : name];
    if (typeof one === 'string' && !NO_DATES.has(name) && isUnstorable(one)) return jsonPath(...at);
    if (typeof one !== 'object' || one === null) continue;
    const found = placeIn(one, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isUnstorable(text: string): boolean {
  if (fhirTimeFault(text) !== undefined) return false;
  try {
    parseFhirTime(text);
    return false;
  } catch {
    return true;
  }
}
