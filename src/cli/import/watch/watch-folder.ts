import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../core/clock.js';
import type { ErrorCode } from '../../../core/error-codes.js';
import { DomainError } from '../../../core/errors.js';
import { findFile } from '../../../core/import/import-files.js';
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

class WatchedFiles {
  private readonly settling: Settling;
  /** Done files by name, with what identified them when they were imported. */
  private readonly done = new Map<string, string>();
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
    const seen = await lookInto(folder);
    const isOpen = (file: SeenFile) => this.done.get(file.name) !== stateOf(file);
    const whole = this.settling.look(seen.filter(isOpen), performance.now());
    const coming = [];
    for (const file of whole) {
      const identity = await this.identityOf(file);
      if (this.taken.get(file.name)?.identity === identity) this.done.set(file.name, stateOf(file));
      else coming.push({ file, identity, tries: 1 });
    }
    if (coming.length === 0) return;
    await this.take([...coming, ...(await this.waiting(seen, coming))]);
  }

  /** Files whose entries lacked patients before, who may be in the new files. */
  private async waiting(seen: readonly SeenFile[], coming: readonly { file: SeenFile }[]) {
    const isComing = new Set(coming.map(({ file }) => file.name));
    const again = [];
    for (const file of seen) {
      const before = this.taken?.get(file.name);
      if (before === undefined || isComing.has(file.name)) continue;
      if (!before.waits || before.tries >= MAX_TRIES) continue;
      const identity = await this.identityOf(file);
      if (identity === before.identity) again.push({ file, identity, tries: before.tries + 1 });
    }
    return again;
  }

  private async take(
    files: readonly { file: SeenFile; identity: string; tries: number }[],
  ): Promise<void> {
    const { folder, input, watch } = this.options;
    const lacking = new Set<string>();
    const from = await Promise.all(
      files.map(({ file: { name } }) => findFile(join(folder, name), name)),
    );
    await importStandard(
      this.db,
      { ...input, from },
      {
        ...watch,
        onRefused(file, entries) {
          if (entries.some(({ code }) => code === 'FHIR_REFERENCE_UNRESOLVED')) lacking.add(file);
          watch.onRefused?.(file, entries);
        },
      },
    );
    const at = systemClock.nowSeconds();
    const taken = files.map(({ file: { name }, identity, tries }) => {
      return { name, identity, at, waits: lacking.has(name), tries };
    });
    await noteImportedFiles(this.db, { folder, standard: input.standard }, taken);
    for (const { file } of files) this.done.set(file.name, stateOf(file));
    for (const one of taken) this.taken?.set(one.name, one);
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
