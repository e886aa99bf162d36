import { isDeepStrictEqual } from 'node:util';
import type { Answered } from './two-gateways.js';

/** Where two answers to one operation differ first; undefined where they do not. */
export function differenceOf(ours: Answered, theirs: Answered): string | undefined {
  const [isOurs, isTheirs] = [ours.data !== undefined, theirs.data !== undefined];
  if (isOurs !== isTheirs) return `only ${isOurs ? 'ours' : 'theirs'} has data`;
  const place = placeOfDifference(ours.data, theirs.data, 'data');
  if (place !== undefined) return place;
  const [here, there] = [errorPlaces(ours), errorPlaces(theirs)];
  if (isDeepStrictEqual(here, there)) return undefined;
  return `errors at ${here.join(', ') || 'none'}, theirs at ${there.join(', ') || 'none'}`;
}

/** Paths and codes, each once: a gateway may say one failure of a fetch several times. */
function errorPlaces({ errors = [] }: Answered): readonly string[] {
  const places = errors.map(
    ({ path, extensions }) => `${(path ?? []).join('.')} ${extensions?.code}`,
  );
  return [...new Set(places)].sort();
}

function placeOfDifference(ours: unknown, theirs: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(ours, theirs) && !isObject(ours)) return undefined;
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return firstOf(ours.map((one, i) => placeOfDifference(one, theirs[i], `${path}.${i}`)));
  }
  if (isObject(ours) && isObject(theirs)) {
    const [here, there] = [Object.keys(ours), Object.keys(theirs)];
    if (!isDeepStrictEqual(here.toSorted(), there.toSorted())) {
      return `${path} has ${here.join(' ')}, theirs ${there.join(' ')}`;
    }
    return firstOf(here.map((key) => placeOfDifference(ours[key], theirs[key], `${path}.${key}`)));
  }
  if (isDeepStrictEqual(ours, theirs)) return undefined;
  return `${path} is ${shown(ours)}, theirs ${shown(theirs)}`;
}

function firstOf(places: readonly (string | undefined)[]): string | undefined {
  return places.find((place) => place !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 200);
}
