import { invariant } from '../../core/errors.js';
import type { StudyId } from '../../core/ids.js';
import type { Access } from '../base/model.js';
import type { Permit, PermitSet } from './permit.js';

/** What the permits open in a study, from them alone; null if nothing. */
export function accessOf(permits: PermitSet, study: StudyId): Access | null {
  const live = permits.forStudy(study);
  return live.length === 0 ? null : summary(study, live);
}

function summary(study: StudyId, live: readonly Permit[]): Access {
  const [first] = live;
  invariant(first, 'there is a permit to summarise');
  return {
    study,
    presented: new Set(live.map(({ pseudonym }) => pseudonym)).size,
    purpose: live.every(({ purpose }) => purpose === first.purpose) ? first.purpose : null,
    dataClasses: distinct(live, ({ dataClasses }) => dataClasses),
    labels: distinct(live, ({ labels }) => labels),
    dataWindow: {
      from: Math.min(...live.map(({ dataWindow }) => dataWindow.from)),
      until: Math.max(...live.map(({ dataWindow }) => dataWindow.until)),
    },
    expires: Math.min(...live.map(({ expires }) => expires)),
  };
}

/** Without lists of lists: a holder may have a thousand permits of a dozen classes. */
function distinct<T>(live: readonly Permit[], of: (permit: Permit) => readonly T[]): readonly T[] {
  const values = new Set<T>();
  for (const permit of live) for (const value of of(permit)) values.add(value);
  return [...values];
}
