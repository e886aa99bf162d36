import type { InternalTypeSchema } from '@medplum/core';

type Elements = InternalTypeSchema['elements'];

/** Names of properties in a resource: its own, and those of everything inside it. */
interface Names {
  readonly type: unknown;
  readonly own: ReadonlySet<string>;
  readonly inside: ReadonlySet<string>;
}

/** A set of property names, and for each type the elements that it can then have. */
interface Shape extends Names {
  readonly elements: Map<InternalTypeSchema, Elements>;
}

/** Maximum number of cached shapes: an exporter writes a few per type, an attacker one per line. */
const MAX_SHAPES = 1_000;

/**
 * Makes Medplum's validator look only for elements that a resource can have.
 *
 * The validator looks in every object for every element of its type, thirty in an Observation that
 * has eight. It spends most of its time on optional elements that are absent. So while a resource
 * is validated, the types list only elements that are required or whose name occurs in the
 * resource. All others can still be looked up, so the rules and constraints stay the same.
 *
 * @param types - the validator's own: their `elements` are replaced for each resource.
 * @returns a function that runs the validation of a resource.
 */
export function looksForNamedElements(types: Iterable<InternalTypeSchema>) {
  const shapes = new Map<string, Shape>();
  let shape: Shape | undefined;
  const all = new Map<InternalTypeSchema, Elements>();
  for (const type of types) {
    all.set(type, type.elements);
    Object.defineProperty(type, 'elements', {
      get(this: InternalTypeSchema) {
        const full = all.get(this) ?? {};
        if (shape === undefined) return full;
        let named = shape.elements.get(this);
        if (named === undefined) {
          named = namedElements(full, this.name === shape.type ? shape.own : shape.inside);
          shape.elements.set(this, named);
        }
        return named;
      },
    });
  }
  return (resource: unknown, validate: () => void): void => {
    shape = shapeOf(shapes, resource);
    try {
      validate();
    } finally {
      shape = undefined;
    }
  };
}

function shapeOf(shapes: Map<string, Shape>, resource: unknown): Shape | undefined {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource))
    return undefined;
  const names = namesIn(resource);
  // As JSON, because a name may contain anything: two shapes with the same key would hide each
  // other's elements.
  const key = JSON.stringify([names.type, ...names.own, names.own.size, ...names.inside]);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  if (shapes.size >= MAX_SHAPES) shapes.clear();
  const made = { ...names, elements: new Map() };
  shapes.set(key, made);
  return made;
}

function namesIn(resource: object): Names {
  const own = new Set(Object.keys(resource));
  const inside = new Set<string>();
  for (const value of Object.values(resource)) addNames(value, inside);
  const type = (resource as { resourceType?: unknown }).resourceType;
  if (!inside.has('resourceType')) return { type, own, inside };
  // A resource inside it may be of the same type.
  const both = new Set([...own, ...inside]);
  return { type, own: both, inside: both };
}

function addNames(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) addNames(item, names);
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    names.add(name);
    addNames(item, names);
  }
}

/**
 * Own properties are the elements to look for. The others are inherited, which Object.keys does not
 * list.
 */
function namedElements(full: Elements, names: ReadonlySet<string>): Elements {
  const bare = [...names].map((name) => name.replace(/^_/, ''));
  const isNamed = (key: string) => {
    if (!key.endsWith('[x]')) return bare.includes(key) || key.includes('.');
    const stem = key.slice(0, -'[x]'.length);
    return bare.some((name) => name.startsWith(stem));
  };
  const named = Object.create(full) as Elements;
  for (const [key, element] of Object.entries(full)) {
    if (element.min > 0 || isNamed(key)) named[key] = element;
  }
  return named;
}
