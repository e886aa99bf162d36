import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';

/** A maker may compute for a minute without a turn of its event loop, in which no lock is kept alive. */
const STALE_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const LOOK_EVERY_MS = 200;

/**
 * Makes a file that several processes want unless it is there: the first one makes it, the others wait.
 * The file appears whole or not at all. The lock only saves work: where it is lost because its owner
 * computed for too long, the file is made twice, and either one is good.
 *
 * @param make - writes the file under the name that it is given.
 */
export async function makeOnce(
  path: string,
  make: (path: string) => Promise<void> | void,
): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const release = await lock(path, {
    realpath: false,
    stale: STALE_MS,
    update: HEARTBEAT_MS,
    retries: { retries: 3_000, factor: 1, minTimeout: LOOK_EVERY_MS, maxTimeout: LOOK_EVERY_MS },
    // Without this the library throws from a timer, which ends the process.
    onCompromised: () => undefined,
  });
  const making = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    if (existsSync(path)) return;
    await make(making);
    renameSync(making, path);
  } finally {
    rmSync(making, { force: true });
    await release().catch(() => undefined);
  }
}
