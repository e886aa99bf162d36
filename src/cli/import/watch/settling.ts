import { posix } from 'node:path';

/** A file in a watched folder, as last seen. */
export interface SeenFile {
  /** Its path from the folder, with forward slashes. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/**
 * How many times the settling time a file waits at most for others in its folder that are still
 * being written.
 */
const PATIENCE = 10;

/** Extensions that senders use until a file is complete. */
const UNFINISHED = /\.(part|partial|filepart|tmp|temp|crdownload|swp)$/i;
const HIDDEN = /(^|\/)\./;

/** Whether the name says that the file is not complete yet. */
function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** Whether the name is that of a hidden file, which is not a delivery. */
export function isHidden(name: string): boolean {
  return HIDDEN.test(name);
}

/**
 * Decides which files are complete. A file is complete once neither its size nor its time has
 * changed for a while. The files of one folder are one delivery: none is imported while another is
 * being written, because that one may contain the patients. But no file waits for ever.
 */
export class Settling {
  private readonly since = new Map<string, { readonly state: string; readonly ms: number }>();

  constructor(private readonly settledMs: number) {}

  /**
   * @param seen - all files in the folder that were not imported yet.
   * @param nowMs - from a monotonic clock.
   * @returns the files to import now, together.
   */
  look(seen: readonly SeenFile[], nowMs: number): readonly SeenFile[] {
    const ages = new Map(seen.map((file) => [file, this.ageMs(file, nowMs)]));
    const names = new Set(seen.map(({ name }) => name));
    for (const name of this.since.keys()) if (!names.has(name)) this.since.delete(name);
    const isWritten = (file: SeenFile) =>
      isUnfinished(file.name) || (ages.get(file) ?? 0) < this.settledMs;
    const busy = new Set(seen.filter(isWritten).map(folderOf));
    return seen.filter((file) => {
      if (isWritten(file)) return false;
      return !busy.has(folderOf(file)) || (ages.get(file) ?? 0) >= PATIENCE * this.settledMs;
    });
  }

  /** How long it has been unchanged. */
  private ageMs({ name, sizeBytes, mtimeMs }: SeenFile, nowMs: number): number {
    const state = `${sizeBytes} ${mtimeMs}`;
    const known = this.since.get(name);
    if (known?.state === state) return nowMs - known.ms;
    this.since.set(name, { state, ms: nowMs });
    return 0;
  }
}

function folderOf({ name }: SeenFile): string {
  return posix.dirname(name);
}
