import type { SourceState } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import type { PermitSet } from '../../gate/permit.js';
import { cursorOfStudy, type StudiesQuestion, type StudyReference } from './model.js';

/** The studies that these permits name: no other table is read, so none can show in the answer. */
export function studiesOf(
  opened: PermitSet,
  { first, after }: StudiesQuestion,
  sources: readonly SourceState[],
): Page<StudyReference> {
  const named = new Set(opened.permits.map(({ study }) => study));
  const behind = [...named].filter((study) => study > (after ?? '')).sort();
  return {
    nodes: behind.slice(0, first).map((id) => ({ id })),
    hasNextPage: behind.length > first,
    cursorOf: cursorOfStudy,
    sources,
  };
}
