import { isDeepStrictEqual } from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { asksForNothing } from './nothing-asked.js';
import type { Operation } from './operations.js';
import type { Answered } from './two-gateways.js';

/** Both answers to one operation. */
export interface Both {
  readonly api: GraphQLSchema;
  readonly operation: Operation;
  readonly ours: Answered;
  readonly theirs: Answered;
}

/** A difference that is right, and why. Each is as narrow as it can be told. */
export interface Excuse {
  readonly name: string;
  readonly reason: string;
  readonly applies: (both: Both) => boolean;
}

/**
 * The one that is not seen in two answers: the operation is asked once more with ordinary names, and that answer is
 * compared with ours.
 */
export const ODD_NAME: Omit<Excuse, 'applies'> = {
  name: 'ODD_NAME',
  reason:
    "@apollo/gateway 2.14.4 reads an entity's key where the operation has another field under that alias, and " +
    'keeps names in plain objects, which have a constructor already. With ordinary names it answers as here.',
};

export const EXCUSES: readonly Excuse[] = [
  {
    name: 'AT_THE_FIELDS_LEFT_EMPTY',
    reason:
      'Where an entity cannot be answered, @apollo/gateway 2.14.4 tells the error at the entity. GraphQL tells ' +
      'it at the fields that are null, so that a client knows them from what is truly null.',
    applies: ({ ours, theirs }) => {
      const [here, there] = [extraErrors(ours, theirs), extraErrors(theirs, ours)];
      return (
        isDeepStrictEqual(ours.data, theirs.data) &&
        here.every((error) => there.some((at) => isRightBelow(error, at))) &&
        there.every((at) => here.some((error) => isRightBelow(error, at)))
      );
    },
  },
  {
    name: 'FRAGMENT_OF_ANOTHER_MEMBER',
    reason:
      '@apollo/gateway 2.14.4 breaks off while it plans a valid operation: a fragment for one member of ' +
      'a union, within fragments for another union, that can only meet another member.',
    applies: ({ ours, theirs }) =>
      ours.data !== undefined &&
      theirs.data === undefined &&
      theirs.fault?.startsWith('Cannot add fragment of condition ') === true,
  },
  {
    name: 'NOTHING_ASKED_OF_IT',
    reason:
      'A field is selected, and every fragment below it is for types that it cannot be of. ' +
      '@apollo/gateway does not ask for it, and answers null; here it is asked for, as GraphQL (6.4.3) has ' +
      'it: the answer is an empty object, or null with its error.',
    applies: ({ api, operation, ours, theirs }) =>
      placesUnasked(ours.data, theirs.data).every((path) => asksForNothing(api, operation, path)) &&
      extraErrors(theirs, ours).length === 0 &&
      extraErrors(ours, theirs).every(({ path = [] }) => asksForNothing(api, operation, path)),
  },
  {
    name: 'LEFT_OUT_AND_ASKED',
    reason:
      '@apollo/gateway 2.14.4 asks for a field of an entity that @skip or @include leaves out, and tells its ' +
      'error, at a place that the answer does not have.',
    applies: ({ ours, theirs }) =>
      isDeepStrictEqual(ours.data, theirs.data) &&
      extraErrors(ours, theirs).length === 0 &&
      extraErrors(theirs, ours).every(({ path = [] }) => isNoPlaceOf(theirs.data, path)),
  },
  {
    name: 'KEYS_LEFT_OUT',
    reason:
      '@apollo/gateway 2.14.4 leaves selected fields out of an answer where fragments for an interface lead ' +
      'to a type that implements it in one subgraph of two. The schema does not allow such an answer. All ' +
      'else in it is as here.',
    applies: ({ ours, theirs }) => {
      const left = keysLeftOut(ours.data, theirs.data);
      return (
        left !== undefined &&
        left.length > 0 &&
        extraErrors(theirs, ours).length === 0 &&
        extraErrors(ours, theirs).every(({ path = [] }) => left.some((at) => isWithin(path, at)))
      );
    },
  },
];

type Path = readonly (string | number)[];
type Told = NonNullable<Answered['errors']>[number];

/** Paths of what differs, as deep as both have the same form. */
function placesOfDifference(ours: unknown, theirs: unknown, path: Path = []): readonly Path[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  const both = [ours, theirs];
  const areObjects = both.every((one) => typeof one === 'object' && one !== null);
  const [here, there] = both.map((one) => Object.keys(one ?? {}));
  if (!areObjects || !isDeepStrictEqual(here?.toSorted(), there?.toSorted())) return [path];
  return (here ?? []).flatMap((key) => {
    const at = Array.isArray(ours) ? Number(key) : key;
    const [a, b] = both.map((one) => (one as Readonly<Record<string, unknown>>)[key]);
    return placesOfDifference(a, b, [...path, at]);
  });
}

/** Where an answer has a key and another has not; undefined if they differ in anything else. */
function keysLeftOut(ours: unknown, theirs: unknown, path: Path = []): Path[] | undefined {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (typeof ours !== 'object' || typeof theirs !== 'object' || !ours || !theirs) return undefined;
  if (Array.isArray(ours) && ours.length !== (theirs as unknown[]).length) return undefined;
  if (Object.keys(theirs).some((key) => !Object.hasOwn(ours, key))) return undefined;
  const left: Path[] = [];
  for (const [key, value] of Object.entries(ours)) {
    const at = [...path, Array.isArray(ours) ? Number(key) : key];
    if (!Object.hasOwn(theirs, key)) left.push(at);
    else {
      const below = keysLeftOut(value, (theirs as Readonly<Record<string, unknown>>)[key], at);
      if (below === undefined) return undefined;
      left.push(...below);
    }
  }
  return left;
}

/** Whether an object on the way does not have the next key. What is below a null may have been there. */
function isNoPlaceOf(data: unknown, path: Path): boolean {
  let at = data;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return false;
    if (!Object.hasOwn(at, key)) return true;
    at = (at as Readonly<Record<string | number, unknown>>)[key];
  }
  return false;
}

function isWithin(path: Path, place: Path): boolean {
  return place.every((key, i) => path[i] === key);
}

/** Where nothing is asked of any root field, @apollo/gateway has no data at all. */
function placesUnasked(ours: Answered['data'], theirs: Answered['data']): readonly Path[] {
  if (theirs === null && ours) return Object.keys(ours).map((key) => [key]);
  return placesOfDifference(ours, theirs);
}

/** Errors of one answer that the other does not have. */
function extraErrors({ errors = [] }: Answered, { errors: others = [] }: Answered): Told[] {
  return errors.filter((one) => !others.some((other) => placeOf(one) === placeOf(other)));
}

function placeOf({ path = [], extensions }: Told): string {
  return `${path.join('.')} ${extensions?.code}`;
}

/** Whether an error is told one field below another's place, with its code. */
function isRightBelow(error: Told, at: Told): boolean {
  const [path = [], place = []] = [error.path, at.path];
  return (
    error.extensions?.code === at.extensions?.code &&
    path.length - place.length === 1 &&
    isWithin(path, place)
  );
}
