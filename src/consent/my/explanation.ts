import type { Seconds } from '../../core/time.js';
import { isoFromSeconds } from '../../core/time.js';
import type { OwnConsent } from './model.js';

/** Where a consent is in its life. */
export type ConsentState = 'NOT_YET' | 'ACTIVE' | 'EXPIRED' | 'WITHDRAWN';

/** One thing that a consent says, in words for its participant. */
export interface ExplanationLine {
  readonly topic: string;
  readonly text: string;
}

export function stateOf({ withdrawnAt, validity }: OwnConsent, now: Seconds): ConsentState {
  if (withdrawnAt !== null) return 'WITHDRAWN';
  if (now < validity.from) return 'NOT_YET';
  return now < validity.until ? 'ACTIVE' : 'EXPIRED';
}

/** What a consent lets through, from itself alone: a node's own words are not passed on. */
export function explanationOf(consent: OwnConsent, _now: Seconds): readonly ExplanationLine[] {
  const { requester, custodian, purposes, dataClasses, labels, duties } = consent;
  const { validity, dataWindow } = consent;
  const span = ({ from, until }: typeof validity) =>
    `from ${isoFromSeconds(from)} until before ${isoFromSeconds(until)}`;
  return [
    { topic: 'WHO', text: `whoever holds the secret of requester ${requester}` },
    { topic: 'CUSTODIAN', text: custodian ?? 'any custodian' },
    { topic: 'PURPOSE', text: purposes.join(', ') },
    { topic: 'DATA_CLASS', text: dataClasses.join(', ') },
    { topic: 'SENSITIVITY', text: labels.join(', ') || 'nothing that bears a sensitive label' },
    { topic: 'DUTY', text: duties.join(', ') || 'none' },
    { topic: 'VALIDITY', text: span(validity) },
    { topic: 'DATA_WINDOW', text: span(dataWindow) },
  ];
}
