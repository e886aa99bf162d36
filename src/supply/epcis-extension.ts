/** Prefixes that the GS1 context itself declares. */
const GS1_PREFIXES = [
  'epcis',
  'cbv',
  'cbvmda',
  'gs1',
  'rdfs',
  'rdf',
  'owl',
  'xsd',
  'dcterms',
  'vann',
];

/** URI schemes: a name that begins with one is a full URI and needs no declared prefix. */
const SCHEMES = ['http', 'https', 'urn'];

/** Maximum nesting of objects: a real extension has a handful of levels, an attack thousands. */
const MAX_DEPTH = 32;

/** Every prefix that a JSON-LD context declares, in addition to those of the GS1 context. */
export function prefixesOf(context: unknown, outer: Iterable<string> = []): ReadonlySet<string> {
  const declared = [context]
    .flat()
    .flatMap((part) => (typeof part === 'object' && part !== null ? Object.keys(part) : []));
  return new Set([...GS1_PREFIXES, ...SCHEMES, ...outer, ...declared]);
}

/**
 * The path of the first element with an undeclared prefix or beyond MAX_DEPTH; undefined if there
 * is none. Without a declaration, two vendors' `ext:code` could not be told apart.
 */
export function strangePrefixIn(
  event: Readonly<Record<string, unknown>>,
  prefixes: ReadonlySet<string>,
): readonly PropertyKey[] | undefined {
  return walk(event, prefixesOf(event['@context'], prefixes), MAX_DEPTH);
}

function walk(
  value: unknown,
  prefixes: ReadonlySet<string>,
  depth: number,
): readonly PropertyKey[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return [];
  const isList = Array.isArray(value);
  for (const [name, inner] of Object.entries(value)) {
    const step = isList ? Number(name) : name;
    if (!isList && name === '@context') continue;
    const colon = isList ? -1 : name.indexOf(':');
    if (colon >= 0 && !prefixes.has(name.slice(0, colon))) return [step];
    const strange = walk(inner, prefixes, depth - 1);
    if (strange !== undefined) return [step, ...strange];
  }
  return undefined;
}
