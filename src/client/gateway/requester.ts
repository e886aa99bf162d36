import { type Clock, systemClock } from '../../core/clock.js';
import { toField } from '../../zk/arithmetic/field.js';
import { requesterOf } from '../../zk/leaf.js';
import { periodOf } from '../../zk/request.js';
import type { Statement } from '../../zk/statement.js';
import { newSession, type Session } from './session.js';

/** A requester: a secret, its public name inside leaves, and short-lived session keys. */
export interface Requester {
  /** The requester's name in consents. */
  readonly requester: bigint;
  /** The secret that statements are proven with; it never leaves this process. */
  readonly g: bigint;
  /**
   * The session for a statement and a study on this UTC day. It is the same when asked again and
   * changes every day, so that keys do not show that two days or two studies are the same
   * requester.
   *
   * @param study - studyField, 0 = any.
   */
  sessionFor(statement: Statement, study: bigint): Promise<Session>;
}

/**
 * @param g - a secret of 31 random bytes, for instance from randomField (zk/arithmetic/field.ts).
 * @param options.exportable - lets session keys be stored; the default keeps them inside WebCrypto.
 * @throws FIELD_OUT_OF_RANGE
 */
export function openRequester(
  g: bigint,
  options: { readonly exportable?: boolean; readonly clock?: Clock } = {},
): Requester {
  const { exportable = false, clock = systemClock } = options;
  const sessions = new Map<string, Promise<Session>>();
  return {
    requester: requesterOf(toField(g)),
    g,
    sessionFor(statement, study) {
      const name = `${statement}|${study}|${periodOf(BigInt(clock.nowSeconds()))}`;
      const session = sessions.get(name) ?? newSession({ exportable, clock });
      sessions.set(name, session);
      return session;
    },
  };
}
