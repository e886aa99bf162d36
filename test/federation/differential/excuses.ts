import { isDeepStrictEqual } from 'node:util';
import { type GraphQLSchema, getOperationAST } from 'graphql';
import { faultsOf } from '../valid-answer/faults.js';
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
    name: 'NULL_WITHOUT_A_WORD',
    reason:
      'A node names an institution that the ledger does not list, so a field that cannot be null has no ' +
      'value. GraphQL (6.4.4) has that raise an error; @apollo/gateway only hands the null up.',
    applies: ({ ours, theirs }) =>
      ours.fault?.startsWith('Cannot return null for non-nullable field Institution.') === true &&
      isDeepStrictEqual(ours.data, theirs.data) &&
      extraErrors(ours, theirs).every(({ extensions }) => extensions?.code === 'INTERNAL') &&
      extraErrors(theirs, ours).length === 0,
  },
  {
    name: 'NOTHING_ASKED_OF_IT',
    reason:
      'A field is selected, and every fragment below it is for types that it cannot be of. ' +
      '@apollo/gateway does not ask for it, and answers null; here it is asked for, as GraphQL (6.4.3) has ' +
      'it: the answer is an empty object, or null with its error.',
    applies: ({ api, operation, ours, theirs }) =>
      placesOfDifference(ours.data, theirs.data).every((path) =>
        asksForNothing(api, operation, path),
      ) &&
      extraErrors(theirs, ours).length === 0 &&
      extraErrors(ours, theirs).every(({ path = [] }) => asksForNothing(api, operation, path)),
  },
  {
    name: 'ALIAS_OF_A_KEY',
    reason:
      '@apollo/gateway 2.14.4 reads the key of an entity where the operation has another field under that ' +
      'name, and breaks off.',
    applies: ({ ours, theirs }) =>
      ours.data !== undefined &&
      theirs.data === undefined &&
      theirs.fault?.startsWith('Invalid non-list value ') === true,
  },
  {
    name: 'KEYS_LEFT_OUT',
    reason:
      '@apollo/gateway 2.14.4 leaves selected fields out of an answer where fragments for an interface lead ' +
      'to a type that implements it in one subgraph of two. The schema does not allow such an answer.',
    applies: ({ api, operation, theirs }) => {
      const { document, variables } = operation;
      const asked = getOperationAST(document);
      if (!asked) return false;
      const answered = { schema: api, document, operation: asked, variables, answer: theirs };
      return faultsOf(answered).some((fault) => fault.includes('selected were'));
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
    place.every((key, i) => path[i] === key)
  );
}
