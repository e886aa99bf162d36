import { readFileSync, readlinkSync } from 'node:fs';

/** Identifies one process unambiguously: a pid alone is reused. */
export interface FolderOwner {
  readonly pid: number;
  /** The boot that this pid belongs to; absent if the system does not say. */
  readonly bootId?: string | undefined;
  /** Each container numbers its own processes: a pid of one means nothing in another. */
  readonly pidNamespace?: string | undefined;
  /** When the process started, in clock ticks after the boot. */
  readonly startTicks?: string | undefined;
}

/** The state of a process as far as its pid shows it. */
export type Fate = 'RUNS' | 'GONE' | 'UNKNOWN';

/** This process. */
export function thisOwner(): FolderOwner {
  return { pid: process.pid, ...here(), startTicks: startTicksOf(process.pid) };
}

/**
 * Whether a process still runs. Its pid is meaningful only within the same boot and the same pid
 * namespace; otherwise UNKNOWN.
 */
export function fateOf(owner: FolderOwner): Fate {
  const { bootId, pidNamespace } = here();
  if (bootId === undefined || pidNamespace === undefined) return 'UNKNOWN';
  if (owner.bootId !== bootId || owner.pidNamespace !== pidNamespace) return 'UNKNOWN';
  if (!isTaken(owner.pid)) return 'GONE';
  const startTicks = startTicksOf(owner.pid);
  // The system may not say when another user's process started.
  if (startTicks === undefined || owner.startTicks === undefined) return 'UNKNOWN';
  return startTicks === owner.startTicks ? 'RUNS' : 'GONE';
}

function here(): Pick<FolderOwner, 'bootId' | 'pidNamespace'> {
  return {
    bootId: orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orUndefined(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/**
 * @source proc_pid_stat(5): field 22, counted after the name in parentheses, which may contain
 *   anything.
 */
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
