import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A folder with initdb and postgres, and which major version they are. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly major: number;
}

/** A user to run as; undefined means the user who runs the tests. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** The oldest version that the store promises to run on. */
const MIN_MAJOR = 15;

/** Folders whose subfolders are versions, and what leads from there to the programs. */
const VERSIONED: readonly (readonly [folder: string, programs: string])[] = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr', 'bin'], // /usr/pgsql-16/bin, as Red Hat packages it
  ['/opt/homebrew/opt', 'bin'],
  ['/usr/local/opt', 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', 'bin'],
];

/** The newest PostgreSQL on this machine, wherever packages usually put it; undefined for none. */
export function findPostgres(): PostgresBinaries | undefined {
  const found = [...pathFolders(), ...versionedFolders()]
    .filter((folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres')))
    .map((folder) => ({ folder, major: majorOf(join(folder, 'postgres')) }))
    .filter(({ major }) => major >= MIN_MAJOR)
    .sort((a, b) => b.major - a.major);
  return found[0];
}

/**
 * Whom to run the server as: it refuses to run as root, so root lends it to an account without rights.
 *
 * @throws if root finds no such account.
 */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find(([login]) => login === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error('root needs an account postgres or nobody to run PostgreSQL as');
}

function pathFolders(): readonly string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function versionedFolders(): readonly string[] {
  return VERSIONED.flatMap(([folder, programs]) => {
    try {
      return readdirSync(folder)
        .filter((name) => /^(pgsql-|postgresql@?)?[0-9]*$|^latest$/.test(name))
        .map((name) => join(folder, name, programs));
    } catch {
      return [];
    }
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorOf(postgres: string): number {
  const { stdout } = spawnSync(postgres, ['--version'], { encoding: 'utf8' });
  return Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0);
}
