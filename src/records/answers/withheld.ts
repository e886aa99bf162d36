import type { Permit } from '../../consent/gate/permit.js';
import { type Period, withOneEnd } from '../../core/time.js';
import type { DataClass } from '../../zk/vocabulary.js';
import { wholeYearsIn } from '../deidentify/coarse-date.js';
import { RECORD_CLASSES, type Withheld } from '../model/model.js';
import type { RecordQuestion } from './records-source.js';

/*
 * What a permit does not open, told to its holder. Both rules read only the permit and the
 * question: a list that depended on the rows would reveal that withheld rows exist.
 */

/** The record classes that no permit for a participant has in its scope. */
export function withheldByScope(permits: readonly Permit[]): readonly Withheld[] {
  return RECORD_CLASSES.filter((dataClass) => !permits.some((p) => opens(p, dataClass))).map(
    (dataClass) => ({ dataClass, reason: 'OUTSIDE_SCOPE' }),
  );
}

/**
 * Why one question about one class is not fully answered: outside the scope, or outside the window.
 */
export function withheldByQuestion(
  permits: readonly Permit[],
  dataClass: DataClass,
  question: Pick<RecordQuestion, 'from' | 'until'>,
): readonly Withheld[] {
  if (permits.length === 0) return [];
  const inScope = permits.filter((permit) => opens(permit, dataClass));
  if (inScope.length === 0) return [{ dataClass, reason: 'OUTSIDE_SCOPE' }];
  const within = inScope.some((permit) => holds(windowOf(permit), question));
  return within ? [] : [{ dataClass, reason: 'OUTSIDE_WINDOW' }];
}

export function opens(permit: Permit, dataClass: DataClass): boolean {
  return permit.dataClasses.includes(dataClass);
}

/** The part of the window that can open a row: without exact dates, its whole years. */
function windowOf(permit: Permit): Period {
  const window = withOneEnd(permit.dataWindow);
  return opens(permit, 'EXACT_DATE') ? window : wholeYearsIn(window);
}

/** An end that the question leaves open asks for no more than the window covers. */
function holds(window: Period, { from, until }: Pick<RecordQuestion, 'from' | 'until'>): boolean {
  const begins = from ?? window.from;
  const ends = until ?? window.until;
  return window.from <= begins && begins < window.until && ends <= window.until;
}
