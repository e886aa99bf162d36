import { posix } from 'node:path';

/** A file of a watched folder as it was found. */
export interface SeenFile {
  /** Its path from the folder, with forward slashes. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** So many times as long as usual a file waits for what is still being written beside it. */
const PATIENCE = 10;

/** What a sender writes under until the file is whole, and what no sender means. */
const UNFINISHED = /\.(part|partial|filepart|tmp|temp|crdownload|swp)$/i;
const HIDDEN = /(^|\/)\./;

/** Whether the name says that the file is not whole yet. */
function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** Whether the name says that nobody sends the file. */
export function isHidden(name: string): boolean {
  return HIDDEN.test(name);
}

/**
 * Tells which files are whole. A file is once neither its size nor its time has changed for a while, and
 * the files of one folder are a delivery: none is taken while another is written, because that one may
 * have the patients. But none waits for ever.
 */
export class Settling {
  private readonly since = new Map<string, { readonly state: string; readonly ms: number }>();

  constructor(private readonly settledMs: number) {}

  /**
   * @param seen - all files that are there and were not taken yet.
   * @param nowMs - of a clock that does not go back.
   * @returns those that are to be taken now, together.
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

  /** For how long it has been as it is. */
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
