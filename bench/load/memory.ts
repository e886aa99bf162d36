import { readFileSync } from 'node:fs';

const SAMPLES_MS = 500;

/** Resident memory of a process, MB; undefined once it has ended. Linux alone tells it so. */
export function residentMb(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** The least of what processes hold during some seconds, MB: garbage comes and goes. */
export async function leastResident(
  pids: Readonly<Record<string, number>>,
  seconds: number,
): Promise<Record<string, number>> {
  const least: Record<string, number> = {};
  const untilMs = Date.now() + seconds * 1_000;
  while (Date.now() < untilMs) {
    for (const [name, pid] of Object.entries(pids)) {
      const now = residentMb(pid);
      if (now !== undefined) least[name] = Math.min(now, least[name] ?? Number.POSITIVE_INFINITY);
    }
    await new Promise((resolve) => setTimeout(resolve, SAMPLES_MS));
  }
  return least;
}
