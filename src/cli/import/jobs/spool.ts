import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be the id of a job. Strict, because an id becomes part of a path. */
export function isJobId(text: string): boolean {
  return UUID.test(text);
}

export function newJobId(): string {
  return randomUUID();
}

/**
 * The folder for uploads until they are imported: readable only by this user, and empty at the
 * start.
 */
export class Spool {
  private constructor(private readonly folder: string) {}

  /** Opens the folder and deletes what an earlier run left there. */
  static async open(folder: string): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    for (const name of await readdir(folder)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
    return new Spool(folder);
  }

  pathOf(job: string): string {
    return join(this.folder, job);
  }

  async remove(job: string): Promise<void> {
    await rm(this.pathOf(job), { force: true });
  }
}
