import { readFileSync, readlinkSync } from 'node:fs';

/** Names one process so that no other is taken for it: a pid alone is given out again. */
export interface FolderOwner {
  readonly pid: number;
  /** Which run of which kernel counts this pid; absent where the system does not say. */
  readonly bootId?: string | undefined;
  /** Containers number their processes apart: a pid of one says nothing in another. */
  readonly pidNamespace?: string | undefined;
  /** When the process began, in clock ticks after the boot. */
  readonly startTicks?: string | undefined;
}

/** What is known of a process by looking for its pid. */
export type Fate = 'RUNS' | 'GONE' | 'UNKNOWN';

/** This process. */
export function thisOwner(): FolderOwner {
  return { pid: process.pid, ...here(), startTicks: startTicksOf(process.pid) };
}

/**
 * Whether a process still runs. Its pid is believed only where it was counted as ours are: within the
 * same boot and the same pid namespace. Elsewhere: UNKNOWN.
 */
export function fateOf(owner: FolderOwner): Fate {
  const { bootId, pidNamespace } = here();
  if (bootId === undefined || pidNamespace === undefined) return 'UNKNOWN';
  if (owner.bootId !== bootId || owner.pidNamespace !== pidNamespace) return 'UNKNOWN';
  if (!isTaken(owner.pid)) return 'GONE';
  const startTicks = startTicksOf(owner.pid);
  // Of another user's process the system may not say when it began.
  if (startTicks === undefined || owner.startTicks === undefined) return 'UNKNOWN';
  return startTicks === owner.startTicks ? 'RUNS' : 'GONE';
}

function here(): Pick<FolderOwner, 'bootId' | 'pidNamespace'> {
  return {
    bootId: orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orUndefined(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** @source proc_pid_stat(5): field 22, counted behind the name in parentheses, which may hold anything. */
function startTicksOf(pid: number): string | undefined {
  return orUndefined(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  });
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // Not Linux, or not allowed.
  }
}
