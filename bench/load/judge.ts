/** What is wrong with an answer, in words without a row's content. */
export type Fault =
  | { readonly kind: 'wrong'; readonly path: string }
  | { readonly kind: 'missing and not told'; readonly path: string };

/** A GraphQL answer. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

/** Changes from question to question, or says how whole an answer is. */
const VOLATILE = new Set([
  'latencyMs',
  'respondedAt',
  'sources',
  'complete',
  'pageInfo',
  'hasMore',
]);
/** The one error that tells of rows that are missing. */
const TELLS = 'SOURCE_UNAVAILABLE';

type Path = readonly (string | number)[];

/**
 * Holds an answer to the one that the same question got in quiet: every row that is there is a row of
 * it, and every row that is not there is told, by `complete: false` of the object that it is missing
 * from or of one around it, or by an error SOURCE_UNAVAILABLE at its place.
 *
 * @returns what does not hold; nothing if all does.
 */
export function judgeAnswer(expected: unknown, { data, errors = [] }: Answer): readonly Fault[] {
  const told = errors
    .filter(({ extensions }) => extensions?.code === TELLS)
    .map(({ path = [] }) => path);
  return compare(expected, data ?? null, { path: [], isTold: false, told });
}

interface Place {
  readonly path: Path;
  /** Whether an object around this place says that rows are missing. */
  readonly isTold: boolean;
  /** Where errors tell of missing rows. */
  readonly told: readonly Path[];
}

function compare(expected: unknown, got: unknown, place: Place): readonly Fault[] {
  if (got === null || got === undefined) {
    return expected === null || expected === undefined || tells(place) ? [] : [missing(place)];
  }
  if (Array.isArray(expected) && Array.isArray(got)) return compareLists(expected, got, place);
  if (isObject(expected) && isObject(got)) return compareObjects(expected, got, place);
  return expected === got ? [] : [{ kind: 'wrong', path: nameOf(place.path) }];
}

function compareObjects(
  expected: Readonly<Record<string, unknown>>,
  got: Readonly<Record<string, unknown>>,
  place: Place,
): readonly Fault[] {
  const isTold = place.isTold || got.complete === false;
  const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...keys]
    .filter((key) => !VOLATILE.has(key))
    .flatMap((key) =>
      compare(expected[key], got[key], { ...place, isTold, path: [...place.path, key] }),
    );
}

/** Rows are found by their names; a list that says nothing of missing rows has all, in their order. */
function compareLists(
  expected: readonly unknown[],
  got: readonly unknown[],
  place: Place,
): readonly Fault[] {
  if (!tells(place) && got.length < expected.length) return [missing(place)];
  const left = [...expected];
  return got.flatMap((row, at) => {
    const here = { ...place, path: [...place.path, at] };
    const found = left.findIndex((one) => keyOf(one) === keyOf(row));
    if (found < 0 || (!tells(place) && found !== 0)) {
      return [{ kind: 'wrong', path: nameOf(here.path) } as const];
    }
    const [one] = left.splice(found, 1);
    return compare(one, row, here);
  });
}

function keyOf(row: unknown): string {
  if (!isObject(row)) return JSON.stringify(row);
  const { id, pseudonym, custodian } = row;
  if (id !== undefined || pseudonym !== undefined) return String(id ?? pseudonym);
  // What has no name of its own is told by all that it says, but for what may be missing in it.
  if (custodian !== undefined) return JSON.stringify(custodian);
  return JSON.stringify(row);
}

function tells({ path, isTold, told }: Place): boolean {
  return isTold || told.some((one) => isAlong(one, path));
}

/** An error at or around a place tells of it; one below made it null. */
function isAlong(one: Path, other: Path): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((name, at) => name === other[at]);
}

function missing({ path }: Place): Fault {
  return { kind: 'missing and not told', path: nameOf(path) };
}

function nameOf(path: Path): string {
  return path.map((name) => (typeof name === 'number' ? '*' : name)).join('.');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
