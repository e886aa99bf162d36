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
