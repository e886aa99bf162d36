import { type EvidencePart, partsOf } from '../core/evidence/evidence.js';
import type { CapturedEvent } from './model.js';

/** The parts of an event that its evidence covers, from the captured or the stored event. */
export type LoggedEvent = Pick<
  CapturedEvent,
  | 'eventId'
  | 'type'
  | 'action'
  | 'bizStep'
  | 'disposition'
  | 'eventTimeMs'
  | 'readPoint'
  | 'bizLocation'
  | 'declaredInErrorMs'
> & { readonly epcs: readonly string[] };

/**
 * What the evidence log contains for an event: each field of the API's Event except `custodian` and
 * `evidence`. Each thing it touches is a separate part, because a trace shows only some of them.
 */
export function partsOfEvent(event: LoggedEvent): EvidencePart[] {
  const { eventId, type, action, bizStep, disposition, readPoint, bizLocation, epcs } = event;
  const eventTime = new Date(event.eventTimeMs).toISOString();
  const { declaredInErrorMs: declaredMs } = event;
  const declaredInError = declaredMs === null ? null : new Date(declaredMs).toISOString();
  const described = { eventId, type, action, bizStep, disposition, readPoint, bizLocation };
  return partsOf({ ...described, eventTime, declaredInError, epcs }, ['epcs']);
}

/**
 * A filter of parts: of the things that an event touches, only those that this trace follows are
 * shown.
 */
export function showsOnly(followed: readonly string[]): (part: EvidencePart) => boolean {
  const may = new Set(followed);
  return ({ name, value }) => name !== 'epcs[]' || may.has(String(value));
}
