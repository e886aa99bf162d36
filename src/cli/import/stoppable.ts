import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';

/**
 * A database whose transactions end as they would, and of which none begins once that signal was given: an
 * import ends behind the segment that it is at, and goes on from there when it is begun again.
 *
 * @returns transactions throw DomainError STOPPING from then on.
 */
export function stoppable(db: Database, stop: AbortSignal): Database {
  return {
    ...db,
    async transaction(work, mode) {
      if (stop.aborted) throw new DomainError('STOPPING');
      return db.transaction(work, mode);
    },
  };
}
