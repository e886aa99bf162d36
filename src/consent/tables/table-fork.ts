import { bigint, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { Bytes32 } from '../base/digest.js';

/** What an institution signed of its feed: this head after that many entries. */
export interface SignedWord {
  /** Entries that the head stands for. */
  readonly seq: number;
  readonly head: Bytes32;
  readonly signature: string;
}

/**
 * Evidence of institutions that forked their feeds, kept so that everybody can check it alone. One
 * row an account is enough: governance ends the account, and what it signed ends with it.
 */
export const feedFork = pgTable(
  'feed_fork',
  {
    institution: text('institution').$type<InstitutionId>().notNull(),
    account: text('account').notNull(), // that signed both words: 0x and 40 lower-case digits
    earlier: jsonb('earlier').$type<SignedWord>().notNull(),
    later: jsonb('later').$type<SignedWord>().notNull(),
    instead: text('instead').$type<Bytes32>().notNull(), // what stands in `later` at `earlier.seq`
    entries: jsonb('entries').$type<readonly string[]>().notNull(), // from there on to `later`
    seenAt: bigint('seen_at', { mode: 'number' }).$type<Seconds>().notNull(),
    // When what this node's copy holds beyond the fork was published in its own feed.
    publishedAt: bigint('published_at', { mode: 'number' }).$type<Seconds>(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.account] })],
);
