import { orderOf, type Version } from './version.js';

/** What is known of a resource that is stored, or was and is deleted. */
export interface StoredVersion {
  /** Of its content, without what tells its versions apart. */
  readonly hash: string;
  readonly version: Version;
  readonly deleted: boolean;
  /** The file that it came from. */
  readonly source: string;
}

/** What becomes of a resource that comes, by what is stored under its name. */
export type VersionDecision =
  /** Its content is new. */
  | 'STORE'
  /** The same content under a newer version, which is noted. */
  | 'NOTE'
  /** Nothing: it is stored just so, or superseded. */
  | 'KEEP'
  /** Two contents under one version. */
  | 'CONFLICT'
  /** It was deleted, and nothing says that this is newer. */
  | 'DELETED';

/**
 * Decides between what comes and what is stored. Where nothing says which one is newer, the one that
 * comes is: it is what its sender says now. But what was deleted does not come back with the same
 * content, because an older file would have that too.
 *
 * @param isLate - whether it stood before others of its file that are stored already, because it had
 *   to wait for its patient.
 */
export function decide(
  coming: Omit<StoredVersion, 'deleted'>,
  stored: StoredVersion | undefined,
  isLate: boolean,
): VersionDecision {
  if (stored === undefined) return 'STORE';
  const order = orderOf(coming.version, stored.version);
  const isSame = coming.hash === stored.hash;
  if (order === 'OLDER') return 'KEEP';
  const isBehind = order === 'UNKNOWN' && isLate && coming.source === stored.source;
  if (stored.deleted) {
    if (order === 'SAME' || (isSame && isBehind)) return 'KEEP';
    return isSame && order === 'UNKNOWN' ? 'DELETED' : 'STORE';
  }
  if (isSame) return order === 'NEWER' ? 'NOTE' : 'KEEP';
  if (order === 'SAME') return 'CONFLICT';
  return isBehind ? 'KEEP' : 'STORE';
}

/** Whether a deletion of that moment is older than what is stored. */
export function isOutdated(
  deletedAt: string | null,
  { version }: Pick<StoredVersion, 'version'>,
): boolean {
  return deletedAt !== null && version.updated !== null && version.updated > deletedAt;
}
