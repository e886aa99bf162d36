import type { DomainError } from '../../core/errors.js';
import type { Database } from '../../store/database.js';
import { SettledWords } from '../labels/code-display.js';
import { linePath, type Origin, type RefusedResource, refusedResource } from './bundle.js';
import { storeLines, validateAsking } from './conditional/store-lines.js';
import { LineSet } from './line-set.js';
import { type LinePlace, type LinesBehind, linesOf } from './lines.js';
import { bytesOf, findLinesFile, type LinesFile, requireUnchanged } from './open-file.js';
import type { Preparer } from './pool.js';
import { inOrder, type NumberedLine, type Prepared } from './prepare.js';
import { forgetProgress, type ImportProgress, readProgress, writeProgress } from './progress.js';
import type { ImportTally } from './tally.js';
import type { DeletionsOfFile } from './version/deletions-of-import.js';
import type { Waiting } from './version/store-segment.js';

/** Lines in one SQL transaction, unless their text exceeds BATCH_CHARACTERS. */
const BATCH_LINES = 500;
const BATCH_CHARACTERS = 4 * 1024 * 1024;

const NOTHING: LinesBehind = { lines: 0, bytes: 0 };

/** Called with the progress in a file: bytes read, and resources processed. */
export type OnReached = (reached: { readonly bytes: number; readonly resources: number }) => void;

/** Lines being processed, and where in the file they begin and end. */
interface Batch {
  readonly lines: readonly NumberedLine[];
  readonly unread: readonly RefusedResource[];
  readonly start: LinesBehind;
  readonly end: LinesBehind;
  /** Bytes of the file itself that were read when the batch was complete. */
  readonly readBytes: number;
}

/** Stores a batch in one transaction and returns the entries that are finally refused. */
type StoreBatch = (batch: Batch, prepared: Prepared) => Promise<readonly RefusedResource[]>;

/**
 * Imports an NDJSON file, one batch of lines per SQL transaction, in constant memory. An
 * interrupted import resumes after the last committed batch.
 *
 * It takes two passes: the patient of a line may come later in the same file or in the next one.
 * The first pass leaves such lines for the second.
 */
export class LinesImport {
  private readonly waiting = new LineSet();
  /** For each line that is a bundle, the paths of the entries that wait. */
  private readonly waitingEntries = new Map<number, Set<string>>();
  private readonly settled = new SettledWords();
  private progress: ImportProgress = { done: NOTHING, waitingFrom: undefined };
  private resources = 0;

  private constructor(
    private readonly db: Database,
    private readonly file: LinesFile & { readonly source: string },
    private readonly origin: Origin,
    private readonly preparer: Preparer,
    private readonly tally: ImportTally,
    private readonly deletions: DeletionsOfFile,
    /** It was taken before, in another delivery: all of it is late. */
    private readonly isAgain: boolean,
  ) {}

  /** @throws DomainError FILE_UNREADABLE. */
  static async begin(
    db: Database,
    input: {
      readonly path: string;
      readonly origin: Origin;
      readonly deletions: DeletionsOfFile;
      readonly isAgain?: boolean;
    },
    preparer: Preparer,
    tally: ImportTally,
  ): Promise<LinesImport> {
    const { path, origin, deletions, isAgain = false } = input;
    const file = { ...(await findLinesFile(path, origin)), source: origin.source };
    const begun = new LinesImport(db, file, origin, preparer, tally, deletions, isAgain);
    if (!isAgain) begun.resume(await readProgress(db, file));
    return begun;
  }

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  /** Lines that the interrupted import before this one had committed. */
  get resumedLines(): number {
    return this.progress.done.lines;
  }

  /** Whether a second pass could store more. */
  get isWaiting(): boolean {
    return this.isAgain || !this.waiting.empty;
  }

  /**
   * Stores every line whose patient is known. @throws DomainError FILE_UNREADABLE, possibly
   * half-way.
   */
  async takeFirst(onReached: OnReached = () => undefined): Promise<void> {
    await this.noteDeletionsBefore();
    const batches = this.batches(this.progress.done, () => true);
    const all = (prepared: Prepared) => prepared;
    await this.storeAll(batches, all, async (batch, prepared) => {
      const validated = await validateAsking(prepared, this.origin);
      const { refused } = await this.db
        .transaction(async (tx) => {
          const { settled } = this;
          const { origin } = this;
          const lines = await storeLines(tx, validated, { origin, how: { settled }, wanted: all });
          const { stored } = lines;
          const waitsFrom = stored.waiting.length === 0 ? undefined : batch.start;
          const waitingFrom = this.progress.waitingFrom ?? waitsFrom;
          const progress = { done: batch.end, waitingFrom };
          await writeProgress(tx, this.file, progress);
          return { ...lines, progress };
        })
        .then(({ stored, entries, refused: unprepared, progress }) => {
          this.progress = progress;
          this.tally.add(stored);
          for (const waiting of stored.waiting) this.wait(waiting);
          this.deletions.note(entries, this.isWaiting);
          return { refused: [...unprepared, ...stored.refused] };
        });
      this.resources += batch.lines.length;
      onReached({ bytes: batch.readBytes, resources: this.resources });
      return refused;
    });
    await requireUnchanged(this.file);
  }

  /**
   * Notes what the part before the interruption deleted after lines that wait, because those lines
   * must not outlive the deletion. A line that does not contain the method's name, plain or
   * escaped, need not be parsed.
   */
  private async noteDeletionsBefore(): Promise<void> {
    const { waitingFrom, done } = this.progress;
    if (waitingFrom === undefined) return;
    this.deletions.note([], true);
    for await (const { lines } of this.batches(waitingFrom, (number) => number <= done.lines)) {
      const deleting = lines.filter(({ text }) => /DELETE|\\u/.test(text));
      if (deleting.length === 0) continue;
      const { entries } = await this.preparer.prepare(this.origin, deleting);
      this.deletions.note(entries, true);
    }
  }

  /** Stores or refuses the lines that waited. */
  async takeWaiting(): Promise<void> {
    const { isAgain } = this;
    const waitingFrom = isAgain ? NOTHING : this.progress.waitingFrom;
    if (waitingFrom === undefined) return;
    const isWanted = (number: number) => isAgain || this.waiting.has(number);
    const batches = this.batches(waitingFrom, isWanted);

    const { settled, deletions } = this;
    const stillWaiting = (prepared: Prepared) => this.stillWaiting(prepared);
    const isLate = isAgain ? ('AGAIN' as const) : true;
    const how = { settled, isLate, isGone: deletions.isGone };
    await this.storeAll(batches, stillWaiting, async (_, prepared) => {
      const validated = await validateAsking(prepared, this.origin);
      const { stored, refused } = await this.db.transaction((tx) =>
        storeLines(tx, validated, { origin: this.origin, how, wanted: stillWaiting }),
      );
      this.tally.add(stored);
      return [...refused, ...stored.refused, ...stored.waiting];
    });
  }

  private wait({ order, path }: Waiting): void {
    this.waiting.add(order);
    if (path === linePath(order)) return;
    const entries = this.waitingEntries.get(order) ?? new Set();
    this.waitingEntries.set(order, entries.add(path));
  }

  /**
   * For a bundle in a line, only the entries that waited: the others were done in the first pass.
   */
  private stillWaiting({ entries, refused, ...rest }: Prepared): Prepared {
    if (this.waitingEntries.size === 0) return { entries, refused, ...rest };
    return {
      ...rest,
      entries: entries.filter(
        ({ order, path }) => this.waitingEntries.get(order)?.has(path) ?? true,
      ),
      refused: refused.filter(({ order }) => !this.waitingEntries.has(order)),
    };
  }

  /** The file is done: there is nothing to resume. */
  async end(): Promise<void> {
    await forgetProgress(this.db, this.file);
  }

  /**
   * Which lines waited between the first and the last is no longer known, so all are tried again.
   */
  private resume(progress: ImportProgress | undefined): void {
    if (progress === undefined) return;
    this.progress = progress;
    const { done, waitingFrom = done } = progress;
    for (let line = waitingFrom.lines + 1; line <= done.lines; line += 1) this.waiting.add(line);
  }

  /** Validates a few batches ahead of the one being stored, and stores them in order. */
  private async storeAll(
    batches: AsyncIterable<Batch>,
    wanted: (prepared: Prepared) => Prepared,
    storeBatch: StoreBatch,
  ): Promise<void> {
    const ahead: { readonly batch: Batch; readonly prepared: Promise<Prepared> }[] = [];
    const storeNext = async () => {
      const next = ahead.shift();
      if (next === undefined) return;
      const prepared = wanted(await next.prepared);
      const late = await storeBatch(next.batch, prepared);
      const refused = inOrder([...next.batch.unread, ...prepared.refused, ...late]);
      this.tally.refuse(refused.map(({ entry }) => entry));
    };
    for await (const batch of batches) {
      const prepared = this.preparer.prepare(this.origin, batch.lines);
      // It is awaited later; until then a rejection must not be reported as unhandled.
      prepared.catch(() => undefined);
      ahead.push({ batch, prepared });
      if (ahead.length > this.preparer.width) await storeNext();
    }
    while (ahead.length > 0) await storeNext();
  }

  private async *batches(
    from: LinesBehind,
    wants: (number: number) => boolean,
  ): AsyncGenerator<Batch> {
    let readBytes = 0;
    const bytes = bytesOf(this.file.path, from.bytes, (behind) => {
      readBytes = behind;
    });
    let [lines, unread, characters]: [NumberedLine[], RefusedResource[], number] = [[], [], 0];
    let [start, end] = [from, from];
    for await (const line of linesOf(bytes, from, wants)) {
      if ('refusal' in line) unread.push(unreadable(line));
      else lines.push({ number: line.number, text: line.text });
      characters += 'text' in line ? line.text.length : 0;
      end = { lines: line.number, bytes: line.endByte };
      if (lines.length + unread.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
      yield { lines, unread, start, end, readBytes };
      [lines, unread, characters, start] = [[], [], 0, end];
    }
    if (lines.length + unread.length > 0) yield { lines, unread, start, end, readBytes };
  }
}

function unreadable({
  number,
  refusal,
}: LinePlace & { readonly refusal: DomainError }): RefusedResource {
  const place = { path: linePath(number), resource: undefined };
  return { order: number, entry: refusedResource(place, refusal) };
}
