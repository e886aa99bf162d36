import { type EvidencePart, partsOf } from '../core/evidence/evidence.js';
import type { CapturedEvent } from './model.js';

/** What of an event its evidence is made of: as captured, or as it is stored. */
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
 * What the evidence log says of an event: each field of the API's Event but `custodian` and
 * `evidence`. Each thing it touches is a part of its own, because a trace shows some and not others.
 */
export function partsOfEvent(event: LoggedEvent): EvidencePart[] {
  const { eventId, type, action, bizStep, disposition, readPoint, bizLocation, epcs } = event;
  const eventTime = new Date(event.eventTimeMs).toISOString();
  const { declaredInErrorMs: declaredMs } = event;
  const declaredInError = declaredMs === null ? null : new Date(declaredMs).toISOString();
  const described = { eventId, type, action, bizStep, disposition, readPoint, bizLocation };
  return partsOf({ ...described, eventTime, declaredInError, epcs }, ['epcs']);
}

/** Of the things that an event touches, only those that this trace follows may be shown. */
export function showsOnly(followed: readonly string[]): (part: EvidencePart) => boolean {
  const may = new Set(followed);
  return ({ name, value }) => name !== 'epcs[]' || may.has(String(value));
}
