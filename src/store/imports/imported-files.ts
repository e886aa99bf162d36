import { and, eq } from 'drizzle-orm';
import type { Seconds } from '../../core/time.js';
import type { Database } from '../database.js';
import { importedFile } from './table-imported-file.js';

/** A folder that is watched, for files of one standard. */
export interface WatchedFolder {
  readonly standard: string;
  /** Its absolute path. */
  readonly folder: string;
}

/** A file of it that was taken. */
export interface ImportedFile {
  readonly name: string;
  readonly identity: string;
  readonly at: Seconds;
  readonly waits: boolean;
  readonly tries: number;
}

/** The files of that folder that were taken, by their name. */
export async function readImportedFiles(
  db: Database,
  { standard, folder }: WatchedFolder,
): Promise<ReadonlyMap<string, ImportedFile>> {
  const ofFolder = and(eq(importedFile.standard, standard), eq(importedFile.folder, folder));
  const rows = await db.transaction((tx) => tx.select().from(importedFile).where(ofFolder), 'read');
  return new Map(
    rows.map(({ name, identity, at, waits, tries }) => [
      name,
      { name, identity, at, waits, tries },
    ]),
  );
}

/** Notes that files were taken, be it once more. */
export async function noteImportedFiles(
  db: Database,
  folder: WatchedFolder,
  files: readonly ImportedFile[],
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const file of files) {
      await tx
        .insert(importedFile)
        .values({ ...folder, ...file })
        .onConflictDoUpdate({
          target: [importedFile.standard, importedFile.folder, importedFile.name],
          set: file,
        });
    }
  });
}
