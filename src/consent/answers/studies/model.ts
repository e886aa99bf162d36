import { DomainError } from '../../../core/errors.js';
import { type StudyId, toStudyId } from '../../../core/ids.js';
import { decodeCursor, encodeCursor } from '../../../graph/page.js';

/** A study by its id alone: that it is named says nothing of its being there. */
export interface StudyReference {
  readonly id: StudyId;
}

/** Which page of the studies that a caller's presentations open. */
export interface StudiesQuestion {
  /** Rows at most. */
  readonly first: number;
  /** Only those behind this one. */
  readonly after: StudyId | undefined;
}

export function cursorOfStudy({ id }: StudyReference): string {
  return encodeCursor([id]);
}

/** @throws DomainError BAD_INPUT for a cursor that no page of studies has. */
export function studyOfCursor(cursor: string | null | undefined): StudyId | undefined {
  const [id] = decodeCursor(cursor, 1) ?? [];
  if (id === undefined) return undefined;
  try {
    return toStudyId(id);
  } catch (cause) {
    throw new DomainError('BAD_INPUT', { argument: 'after' }, cause);
  }
}
