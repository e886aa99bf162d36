import type { Gateway, GraphqlAnswer } from '../../../client/gateway/gateway.js';
import type { Session } from '../../../client/gateway/session.js';
import type { Presentation } from '../../../client/requester/present.js';
import type { Reader } from '../../../client/requester/query.js';
import type { InstitutionId } from '../../../core/ids.js';
import type { StateFolder } from '../../state/state-folder.js';
import type { Pilot } from '../pilot.js';
import type { SeedPlan } from '../plan.js';
import type { PilotWallet } from '../wallets.js';

/** What the portal has once it has presented: a session, its proofs, and the participants. */
export interface Shown {
  readonly session: Session;
  readonly reader: Reader;
  readonly presentation: Presentation;
  readonly wallets: readonly PilotWallet[];
}

/** The network that a tour is played against. */
export interface Stage {
  readonly gateway: Gateway;
  readonly folder: StateFolder;
  readonly plan: SeedPlan;
  readonly wallets: readonly PilotWallet[];
  readonly endpointOf: (institution: InstitutionId) => string;
  /** The tour's own pilot; undefined against a running one, whose processes are not ours to kill. */
  readonly own: Pilot | undefined;
  /** What step 2 leaves for later steps. */
  shown: Shown | undefined;
}

/** One promise of the network, and how it is tested. */
export interface Step {
  readonly name: string;
  /** What it proves, in one sentence. */
  readonly proves: string;
  /** True if it needs a network whose processes and ledger are the tour's own. */
  readonly needsOwn?: boolean;
  /** Throws if the promise does not hold. @returns what was seen, in one line. */
  readonly play: (stage: Stage) => Promise<string>;
}

/** A promise of the network that did not hold. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export function expectThat(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new BrokenPromise(promise);
}

/** What step 2 left. */
export function shownOf({ shown }: Stage): Shown {
  expectThat(shown !== undefined, 'the portal has presented (step 2)');
  return shown;
}

/** Reads a value at a path of an answer; undefined if something on the path is missing. */
export function at(
  answer: GraphqlAnswer | unknown,
  ...path: readonly (string | number)[]
): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step],
    answer,
  );
}

/** The elements of a list in an answer; empty if there is no list. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}
