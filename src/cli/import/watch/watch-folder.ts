import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../core/clock.js';
import type { ErrorCode } from '../../../core/error-codes.js';
import { DomainError } from '../../../core/errors.js';
import { findFile } from '../../../core/import/import-files.js';
import { NO_ENDS } from '../../../core/import/import-report.js';
import { UNNAMED_SERVER } from '../../../records/identity/server.js';
import { findLinesFile } from '../../../records/import/open-file.js';
import type { Database } from '../../../store/database.js';
import {
  type ImportedFile,
  noteImportedFiles,
  readImportedFiles,
} from '../../../store/imports/imported-files.js';
import { type ImportInput, type ImportWatch, importStandard } from '../standard.js';
import { stoppable } from '../stoppable.js';
import { lookInto } from './look.js';
import { type SeenFile, Settling } from './settling.js';

/**
 * How often a file is tried whose entries lack their patients: once with each of this many later
 * deliveries.
 */
const MAX_TRIES = 4;

export interface WatchOptions {
  /** The absolute path of the folder. */
  readonly folder: string;
  readonly input: Omit<ImportInput, 'from'>;
  readonly everyMs: number;
  readonly settledMs: number;
  readonly watch: ImportWatch;
  /** Called with why nothing can be imported for now: the folder or the database is unavailable. */
  readonly onPause: (failure: DomainError) => void;
}

/**
 * Imports the files of a folder as they arrive, each once, until the signal; then it ends after the
 * current segment. Nothing in the folder is changed. A folder or database that is temporarily
 * unavailable is waited for.
 *
 * @throws DomainError FILE_UNREADABLE if the folder cannot be read at the start; failures that
 *   waiting cannot resolve.
 */
export async function watchFolder(
  db: Database,
  options: WatchOptions,
  stop: AbortSignal,
): Promise<void> {
  await lookInto(options.folder);
  const watched = new WatchedFiles(stoppable(db, stop), options);
  let paused: string | undefined;
  while (!stop.aborted) {
    try {
      await watched.takeSettled();
      paused = undefined;
    } catch (failure) {
      if (stop.aborted && failure instanceof DomainError && failure.code === 'STOPPING') return;
      if (!isPassing(failure)) throw failure;
      if (failure.code !== paused) options.onPause(failure);
      paused = failure.code;
    }
    await delay(options.everyMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

const AWAY: ReadonlySet<ErrorCode> = new Set([
  ...(['FILE_UNREADABLE', 'DATABASE_UNAVAILABLE', 'DATABASE_BUSY'] as const),
]);

function isPassing(failure: unknown): failure is DomainError {
  return failure instanceof DomainError && AWAY.has(failure.code);
}

/** What a file may do to the node or its database by what is in it. */
const OF_ONE_FILE: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'DATABASE_FAILED']);

interface ComingFile {
  readonly file: SeenFile;
  readonly identity: string;
  /** This one among them. */
  readonly tries: number;
}

class WatchedFiles {
  private readonly settling: Settling;
  /** Done files by name, with what identified them when they were imported. */
  private readonly done = new Map<string, string>();
  /** What was said to be unreadable, or failed so often as it is, by its state. */
  private readonly aside = new Map<string, { readonly state: string; readonly tries: number }>();
  private taken: Map<string, ImportedFile> | undefined;

  constructor(
    private readonly db: Database,
    private readonly options: WatchOptions,
  ) {
    this.settling = new Settling(options.settledMs);
  }

  async takeSettled(): Promise<void> {
    const { folder, input } = this.options;
    this.taken ??= new Map(await readImportedFiles(this.db, { folder, standard: input.standard }));
    const seen = await lookInto(folder, (name) => this.nameUnreadable(name, ''));
    const isOpen = (file: SeenFile) =>
      this.done.get(file.name) !== stateOf(file) && !this.isAside(file);
    const whole = this.settling.look(seen.filter(isOpen), performance.now());
    const coming = [];
    for (const file of whole) {
      const identity = await this.identityOf(file).catch(() => undefined);
      if (identity === undefined) {
        this.nameUnreadable(file.name, stateOf(file));
        continue;
      }
      await this.noteMoved(file, identity);
      if (this.taken.get(file.name)?.identity === identity) this.done.set(file.name, stateOf(file));
      else coming.push({ file, identity, tries: 1 });
    }
    if (coming.length === 0) return;
    await this.takeOrPutAside([...(await this.waiting(seen, coming)), ...coming]);
  }

  /** Files whose entries lacked patients before, who may be in the new files. */
  private async waiting(seen: readonly SeenFile[], coming: readonly { file: SeenFile }[]) {
    const isComing = new Set(coming.map(({ file }) => file.name));
    const again = [];
    for (const file of seen) {
      const before = this.taken?.get(file.name);
      if (before === undefined || isComing.has(file.name)) continue;
      if (!before.waits || before.tries >= MAX_TRIES) continue;
      const identity = await this.identityOf(file).catch(() => undefined);
      if (identity === before.identity) again.push({ file, identity, tries: before.tries + 1 });
    }
    return again;
  }

  /** Where it fails for a file of them, each is taken alone, and that one is named and put aside. */
  private async takeOrPutAside(files: readonly ComingFile[]): Promise<void> {
    try {
      await this.take(files);
    } catch (failure) {
      if (!(failure instanceof DomainError) || !OF_ONE_FILE.has(failure.code)) throw failure;
      const [alone, ...others] = files;
      if (alone === undefined) return;
      if (others.length === 0) {
        this.failed(alone.file);
        this.refuseWhole(alone.file.name, { code: failure.code, detail: failure.message });
        return;
      }
      for (const one of files) await this.takeOrPutAside([one]);
      const again = files.flatMap((one) => {
        const { waits = false, tries = 0, identity = '' } = this.taken?.get(one.file.name) ?? {};
        return waits && identity === one.identity ? [{ ...one, tries: tries + 1 }] : [];
      });
      if (again.length > 0) await this.take(again);
    }
  }

  private async take(files: readonly ComingFile[]): Promise<void> {
    const { folder, input, watch } = this.options;
    const lacking = new Set<string>();
    const unread = new Set<string>();
    const from = await Promise.all(
      files.map(async ({ file: { name }, tries }) => {
        return { ...(await findFile(join(folder, name), name)), isAgain: tries > 1 };
      }),
    );
    await importStandard(
      this.db,
      { ...input, from },
      {
        ...watch,
        onRefused(file, entries) {
          if (entries.some(({ code }) => code === 'FHIR_REFERENCE_UNRESOLVED')) lacking.add(file);
          if (entries.some(({ code }) => code === 'FILE_UNREADABLE')) unread.add(file);
          watch.onRefused?.(file, entries);
        },
      },
    );
    const at = systemClock.nowSeconds();
    for (const { file } of files) if (unread.has(file.name)) this.failed(file);
    const whole = files.filter(({ file }) => !unread.has(file.name));
    const taken = whole.map(({ file: { name }, identity, tries }) => {
      return { name, identity, at, waits: lacking.has(name), tries };
    });
    await noteImportedFiles(this.db, { folder, standard: input.standard }, taken);
    for (const { file } of whole) this.done.set(file.name, stateOf(file));
    for (const one of taken) this.taken?.set(one.name, one);
  }

  /** A file that was moved, or copied with its time, was taken where it was. */
  private async noteMoved({ name }: SeenFile, identity: string): Promise<void> {
    if (this.taken?.get(name)?.identity === identity) return;
    const before = [...(this.taken?.values() ?? [])].find((one) => one.identity === identity);
    if (before === undefined) return;
    const { folder, input } = this.options;
    await noteImportedFiles(this.db, { folder, standard: input.standard }, [{ ...before, name }]);
    this.taken?.set(name, { ...before, name });
  }

  /** Says once that it cannot be read; it is looked at again each time. */
  private nameUnreadable(name: string, state: string): void {
    if (this.aside.get(name)?.state === state) return;
    this.aside.set(name, { state, tries: 0 });
    const detail = 'it cannot be read; it is taken when it can';
    this.refuseWhole(name, { code: 'FILE_UNREADABLE', detail });
  }

  private refuseWhole(file: string, why: { readonly code: ErrorCode; readonly detail: string }) {
    const refused = [{ path: '', ...why }];
    this.options.watch.onRefused?.(file, refused);
    this.options.watch.onReport({ ...NO_ENDS, file, refused });
  }

  /** It is tried again at the next looks, but not for ever. */
  private failed(file: SeenFile): void {
    const known = this.aside.get(file.name);
    const tries = known?.state === stateOf(file) ? known.tries + 1 : 1;
    this.aside.set(file.name, { state: stateOf(file), tries });
  }

  private isAside(file: SeenFile): boolean {
    const known = this.aside.get(file.name);
    return known?.state === stateOf(file) && known.tries >= MAX_TRIES;
  }

  private async identityOf({ name }: SeenFile): Promise<string> {
    const { folder, input } = this.options;
    const { server = UNNAMED_SERVER, longIds = false } = input;
    return (await findLinesFile(join(folder, name), { server, longIds })).identity;
  }
}

function stateOf({ sizeBytes, mtimeMs }: SeenFile): string {
  return `${sizeBytes} ${mtimeMs}`;
}
