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

/** Schemes: a name that begins with one is a whole URI and needs no prefix declared. */
const SCHEMES = ['http', 'https', 'urn'];

/** Objects within objects at most: a real extension has a handful, an attack thousands. */
const MAX_DEPTH = 32;

/** Every prefix that a JSON-LD context declares, beside those of the GS1 context. */
export function prefixesOf(context: unknown, outer: Iterable<string> = []): ReadonlySet<string> {
  const declared = [context]
    .flat()
    .flatMap((part) => (typeof part === 'object' && part !== null ? Object.keys(part) : []));
  return new Set([...GS1_PREFIXES, ...SCHEMES, ...outer, ...declared]);
}

/**
 * The path of the first element whose prefix nothing declares, or that lies too deep; undefined if
 * there is none. Without a declaration nobody could tell two vendors' `ext:code` apart.
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
