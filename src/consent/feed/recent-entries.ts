/** The newest entries of this node's own feed, in memory: what the others ask for each second. */
export interface RecentEntries {
  /** The entries follow this one. */
  readonly after: number;
  /** Secrets in order, canonical decimals. */
  readonly entries: readonly string[];
}

/** Behind this many, a node is served from the database: it was away. */
const RECENT_ENTRIES = 1_024;

/** What is recent once these were appended; those before them only if they join on. */
export function appendRecent(
  recent: RecentEntries | undefined,
  added: RecentEntries,
): RecentEntries {
  const joined = recent !== undefined && endOfRecent(recent) === added.after;
  const entries = [...(joined ? recent.entries : []), ...added.entries].slice(-RECENT_ENTRIES);
  return { after: endOfRecent(added) - entries.length, entries };
}

/** The number of the last entry. */
export function endOfRecent({ after, entries }: RecentEntries): number {
  return after + entries.length;
}
