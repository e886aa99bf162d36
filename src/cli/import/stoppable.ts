import { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';

/**
 * A database on which no transaction begins once the signal was given; running ones still complete.
 * So an import ends after its current segment, and resumes there when it is started again.
 *
 * @returns the database; from then on its transactions throw DomainError STOPPING.
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
