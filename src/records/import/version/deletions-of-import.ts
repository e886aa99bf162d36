import { nameKey } from '../../identity/server.js';
import type { PreparedEntry, PreparedResource } from '../prepare.js';
import { isOutdated } from './decide.js';

/** Where in the input a resource was last deleted, and when according to its server. */
interface SeenDeletion {
  readonly file: number;
  readonly order: number;
  readonly deletedAt: string | null;
}

/** The deletions of an import, as seen by one of its files. */
export interface DeletionsOfFile {
  /** Notes what a part of the file deletes, if this part or an earlier one left entries waiting. */
  note(entries: readonly PreparedEntry[], leavesWaiting: boolean): void;
  /** Whether a resource that had to wait is deleted later in the input. */
  isGone(resource: PreparedResource): boolean;
}

/**
 * What an import deletes while resources wait for their patients. Such a resource is stored after
 * the files were read, and must not outlive a deletion that comes after it, in its file or in a
 * later one.
 */
export class DeletionsOfImport {
  private files = 0;
  private isAnyWaiting = false;
  private readonly last = new Map<string, SeenDeletion>();

  /** Must be called in the order in which the files are read. */
  ofNextFile(): DeletionsOfFile {
    this.files += 1;
    const file = this.files;
    return {
      note: (entries, leavesWaiting) => {
        this.isAnyWaiting ||= leavesWaiting;
        if (this.isAnyWaiting) this.note(file, entries);
      },
      isGone: (resource) => this.isGone(file, resource),
    };
  }

  private note(file: number, entries: readonly PreparedEntry[]): void {
    for (const entry of entries) {
      if (!('deletedAt' in entry)) continue;
      const { name, order, deletedAt } = entry;
      this.last.set(nameKey(name), { file, order, deletedAt });
    }
  }

  /** Whether it was deleted itself, or with its patient. */
  private isGone(file: number, { name, subject, order, version }: PreparedResource): boolean {
    const names = subject === null ? [name] : [name, { ...subject, type: 'Patient' }];
    return names.some((one) => {
      const seen = this.last.get(nameKey(one));
      if (seen === undefined || isOutdated(seen.deletedAt, { version })) return false;
      return seen.file > file || (seen.file === file && seen.order > order);
    });
  }
}
