import type { Resource } from '@medplum/fhirtypes';
import { ELEMENTS, type Elements, STAYS } from './elements.js';
import { isExtended } from './modifiers.js';

type Properties = Readonly<Record<string, unknown>>;

/**
 * The paths of the elements that say more than the row does, without duplicates.
 *
 * An element says more if the row has no field for it, or if the field cannot hold its value: words
 * alone, a local code, a unit that may not be released. So does one with an extension in place of a
 * value: `_x` without `x`.
 */
export function partialOf(kind: keyof typeof ELEMENTS, resource: Resource): readonly string[] {
  const partial = new Set<string>();
  gather(resource as unknown as Properties, ELEMENTS[kind], '', partial);
  return [...partial].sort();
}

function gather(
  object: Properties,
  elements: Elements,
  within: string,
  partial: Set<string>,
): void {
  for (const name in object) {
    if (name.startsWith('_')) {
      const element = name.slice(1);
      if (standsAlone(object[name], object[element]) && !Object.hasOwn(STAYS, element)) {
        partial.add(within + element);
      }
      continue;
    }
    if (Object.hasOwn(STAYS, name)) continue;
    const treatment = Object.hasOwn(elements, name) ? elements[name] : undefined;
    const path = within + name;
    for (const value of listOf(object[name])) {
      if (treatment === undefined) partial.add(path);
      else if (typeof treatment !== 'function') {
        gather(asObject(value), treatment, `${path}.`, partial);
      } else if (!treatment(value as never, object)) partial.add(path);
    }
  }
}

/** Whether an extension of a primitive, or of a primitive in a list, has no value next to it. */
function standsAlone(sibling: unknown, value: unknown): boolean {
  const values = listOf(value);
  return listOf(sibling).some((one, index) => isExtended(one) && (values[index] ?? null) === null);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function asObject(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? (value as Properties) : {};
}
