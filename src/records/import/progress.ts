import { and, eq, ne } from 'drizzle-orm';
import type { Database, SqlTransaction } from '../../store/database.js';
import { importProgress } from '../tables/table-import-progress.js';
import type { LinesBehind } from './lines.js';

/** Progress of the import of one file. */
export interface ImportProgress {
  readonly done: LinesBehind;
  /**
   * The part of the file before the first line whose subject was missing; undefined if none was.
   */
  readonly waitingFrom: LinesBehind | undefined;
}

/** A file by its content, and by the name that its resources are stored under. */
export interface ImportedFile {
  readonly identity: string;
  readonly source: string;
}

/**
 * Where an import of exactly this file was interrupted. Progress of another file with the same name
 * is deleted.
 */
export async function readProgress(
  db: Database,
  { identity, source }: ImportedFile,
): Promise<ImportProgress | undefined> {
  return db.transaction(async (tx) => {
    const others = and(eq(importProgress.source, source), ne(importProgress.identity, identity));
    await tx.delete(importProgress).where(others);
    const found = await tx
      .select()
      .from(importProgress)
      .where(eq(importProgress.identity, identity));
    const [row] = found;
    if (row === undefined) return undefined;
    const { lines, bytes, waitingLine, waitingByte } = row;
    const waiting = { lines: waitingLine - 1, bytes: waitingByte };
    return { done: { lines, bytes }, waitingFrom: waitingLine === 0 ? undefined : waiting };
  });
}

/** Call it in the transaction that stores the lines it counts. */
export async function writeProgress(
  tx: SqlTransaction,
  { identity, source }: ImportedFile,
  { done, waitingFrom }: ImportProgress,
): Promise<void> {
  const reached = {
    ...done,
    waitingLine: waitingFrom === undefined ? 0 : waitingFrom.lines + 1,
    waitingByte: waitingFrom?.bytes ?? 0,
  };
  await tx
    .insert(importProgress)
    .values({ identity, source, ...reached })
    .onConflictDoUpdate({ target: importProgress.identity, set: reached });
}

/** Deletes the progress of a file that is done. */
export async function forgetProgress(db: Database, { identity }: ImportedFile): Promise<void> {
  await db.transaction((tx) =>
    tx.delete(importProgress).where(eq(importProgress.identity, identity)),
  );
}
