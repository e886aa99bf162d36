import { orderOf, type Version } from './version.js';

/** What is known about a resource that is stored or was deleted. */
export interface StoredVersion {
  /** Hash of its content without its version. */
  readonly hash: string;
  readonly version: Version;
  readonly deleted: boolean;
  /** The file that it came from. */
  readonly source: string;
}

/**
 * Whether a resource had to wait, so that what came after it is already stored: later entries of its
 * own file, or, if AGAIN, later deliveries.
 */
export type Lateness = boolean | 'AGAIN';

/** What to do with an incoming resource, given what is stored under its name. */
export type VersionDecision =
  /** Its content is new. */
  | 'STORE'
  /** The same content under a newer version: only the version is updated. */
  | 'NOTE'
  /** Nothing: it is already stored, or superseded. */
  | 'KEEP'
  /** Different content under the same version. */
  | 'CONFLICT'
  /** It was deleted, and nothing says that this is newer. */
  | 'DELETED';

/**
 * Decides between the incoming and the stored resource. If nothing says which is newer, the
 * incoming one is, because it is what the sender says now. But a deleted resource does not return
 * with the same content, because an older file would contain that too.
 *
 * @param isLate - whether later entries of its file, or later deliveries, are already stored,
 *   because it had to wait for its patient.
 */
export function decide(
  coming: Omit<StoredVersion, 'deleted'>,
  stored: StoredVersion | undefined,
  isLate: Lateness,
): VersionDecision {
  if (stored === undefined) return 'STORE';
  const order = orderOf(coming.version, stored.version);
  const isSame = coming.hash === stored.hash;
  if (order === 'OLDER') return 'KEEP';
  const isAgain = isLate === 'AGAIN';
  const isOfFile = isLate && coming.source === stored.source;
  const isBehind = order === 'UNKNOWN' && (isAgain || isOfFile);
  if (stored.deleted) {
    if (order === 'SAME' || (isBehind && (isSame || isAgain))) return 'KEEP';
    return isSame && order === 'UNKNOWN' ? 'DELETED' : 'STORE';
  }
  if (isSame) return order === 'NEWER' ? 'NOTE' : 'KEEP';
  if (order === 'SAME') return 'CONFLICT';
  return isBehind ? 'KEEP' : 'STORE';
}

/** Whether a deletion at that time is older than what is stored. */
export function isOutdated(
  deletedAt: string | null,
  { version }: Pick<StoredVersion, 'version'>,
): boolean {
  return deletedAt !== null && version.updated !== null && version.updated > deletedAt;
}
