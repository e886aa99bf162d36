import { bigint, index, pgTable, text } from 'drizzle-orm/pg-core';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';

/**
 * A row for each presentation that was deleted because its consent was erased, so that who was
 * shown it still learns that it ended. Of the consent it keeps what its holder knows, and no longer
 * than the presentation would have lived.
 */
export const presentationEnded = pgTable(
  'presentation_ended',
  {
    id: text('id').primaryKey(), // of the presentation
    holder: text('holder').notNull(), // RFC 7638 thumbprint of the session key
    study: text('study').$type<StudyId>().notNull(),
    nym: text('nym').$type<Pseudonym>().notNull(),
    handle: text('handle').notNull(),
    at: bigint('at', { mode: 'number' }).$type<Seconds>().notNull(),
    expires: bigint('expires', { mode: 'number' }).$type<Seconds>().notNull(), // exclusive
  },
  (t) => [
    index('presentation_ended_holder_idx').on(t.holder),
    index('presentation_ended_expires_idx').on(t.expires),
  ],
);
