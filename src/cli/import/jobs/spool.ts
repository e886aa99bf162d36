import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be the id of a job: it is part of a path, so nothing else is ever one. */
export function isJobId(text: string): boolean {
  return UUID.test(text);
}

export function newJobId(): string {
  return randomUUID();
}

/** The folder where uploads lie until they are imported: readable by this user alone, empty at the start. */
export class Spool {
  private constructor(private readonly folder: string) {}

  /** Deletes what an earlier run left there. */
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
