import type { Answered } from './two-gateways.js';

/** Both answers to one operation. */
export interface Both {
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
    applies: ({ ours, theirs }) =>
      JSON.stringify(ours.data) === JSON.stringify(theirs.data) &&
      eachIsBelowOne(ours.errors, theirs.errors) &&
      (theirs.errors ?? []).every((at) => (ours.errors ?? []).some((error) => isBelow(error, at))),
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
];

type Errors = Answered['errors'];
type Told = NonNullable<Errors>[number];

function eachIsBelowOne(errors: Errors = [], those: Errors = []): boolean {
  return errors.every((error) => those.some((at) => isBelow(error, at)));
}

/** Whether an error is told at another's place or one field below it, with its code. */
function isBelow(error: Told, at: Told): boolean {
  const [path = [], place = []] = [error.path, at.path];
  return (
    error.extensions?.code === at.extensions?.code &&
    path.length - place.length <= 1 &&
    place.every((key, i) => path[i] === key)
  );
}
