import type { InternalTypeSchema } from '@medplum/core';

type Elements = InternalTypeSchema['elements'];

/** Names of properties that occur in a resource: in itself, and in whatever is inside it. */
interface Names {
  readonly type: unknown;
  readonly own: ReadonlySet<string>;
  readonly inside: ReadonlySet<string>;
}

/** A kind of resource, by its names, and for each type the elements that it can have. */
interface Shape extends Names {
  readonly elements: Map<InternalTypeSchema, Elements>;
}

/** Shapes kept: an exporter writes a few for each type, an attacker as many as lines. */
const MAX_SHAPES = 1_000;

/**
 * Lets Medplum's validator look for those elements alone that a resource can have.
 *
 * It looks in every object for every element of its type, thirty in an Observation that has eight,
 * and finds by a long way that an optional one is not there, of which nothing follows. So the types
 * list, while a resource is validated, what is required and what is named anywhere in it. All
 * others can still be looked up, so that what is allowed and what a constraint says stay the same.
 *
 * @param types - the validator's own: their `elements` are replaced by what depends on the resource.
 * @returns runs a validation of that resource.
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
  // Quoted, because a name may hold anything: two shapes of one key would hide elements of each other.
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

/** Own are the elements to look for, inherited are all, which Object.keys does not list. */
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
