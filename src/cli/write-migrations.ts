import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MIGRATIONS_FOLDER } from '../store/migrations.js';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const TRIGGERS = fileURLToPath(new URL('../../src/store/triggers.sql', import.meta.url));
const BREAKPOINT = '\n--> statement-breakpoint\n';

/**
 * Writes the single migration that exists until the first release: the tables as drizzle-kit prints
 * them from every `table*.ts`, and the triggers in triggers.sql, which drizzle-kit does not
 * support.
 *
 * @returns the SQL that it wrote.
 */
function writeInitialMigration(folder: string): string {
  const drizzle = join(TOP, 'node_modules/drizzle-kit/bin.cjs');
  const out = relative(TOP, folder);
  const options = ['--dialect=postgresql', '--schema=./src/**/table*.ts', `--out=${out}`];
  execFileSync(process.execPath, [drizzle, 'generate', '--name=initial', ...options], {
    cwd: TOP,
    stdio: 'pipe',
  });
  const file = readdirSync(folder).find((name) => name.endsWith('_initial.sql')) ?? '';
  const path = join(folder, file);
  appendFileSync(path, `${BREAKPOINT}${readFileSync(TRIGGERS, 'utf8')}`);
  forgetWhen(folder);
  return readFileSync(path, 'utf8');
}

/**
 * Removes what differs between runs. The snapshot is not needed, because there is no next
 * migration.
 */
function forgetWhen(folder: string): void {
  const meta = join(folder, 'meta');
  const journalPath = join(meta, '_journal.json');
  const journal = JSON.parse(readFileSync(journalPath, 'utf8')) as { entries: object[] };
  const entries = journal.entries.map((entry) => ({ ...entry, when: 0 }));
  rmSync(join(meta, '0000_snapshot.json'));
  writeFileSync(journalPath, `${JSON.stringify({ ...journal, entries }, null, 2)}\n`);
}

/** The SQL of the current tables and triggers, without writing it. */
export function printInitialMigration(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-migration-'));
  try {
    return writeInitialMigration(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  rmSync(MIGRATIONS_FOLDER, { recursive: true, force: true });
  writeInitialMigration(MIGRATIONS_FOLDER);
}
