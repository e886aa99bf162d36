import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LockOptions, lockFolder, type OwnerFile } from '../../../src/cli/folder-lock/lock.js';
import { type FolderOwner, thisOwner } from '../../../src/cli/folder-lock/owner.js';
import { codeOf } from '../../../src/core/errors.js';

/** A process of this namespace that has ended: its pid was given to this one, which began later. */
const GONE: FolderOwner = { ...thisOwner(), startTicks: '1' };

let folder: string;
let named: FolderOwner | undefined;
let releases: (() => Promise<void>)[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-lock-'));
  await mkdir(join(folder, 'lock'));
  named = GONE;
  releases = [];
});
afterEach(async () => {
  for (const release of releases) await release();
  await rm(folder, { recursive: true, force: true });
});

const ownerFile = (change: Partial<OwnerFile> = {}): OwnerFile => ({
  read: async () => named,
  write: async (owner) => {
    named = owner;
  },
  remove: async () => {
    named = undefined;
  },
  ...change,
});

async function take(change: Partial<OwnerFile> = {}): Promise<string> {
  const options: LockOptions = { folder, lockPath: join(folder, 'lock'), owner: ownerFile(change) };
  try {
    releases.push(await lockFolder(options));
    return 'taken';
  } catch (thrown) {
    return codeOf(thrown);
  }
}

describe.skipIf(process.platform !== 'linux')('the lock of an owner that was killed', () => {
  test('is taken over at once, and nothing is left of it', async () => {
    expect(await take()).toBe('taken');
    expect(await readdir(folder)).toEqual(['lock']);
  });

  test('is taken over by one of many that start at once', async () => {
    const takes = await Promise.all(Array.from({ length: 8 }, () => take()));
    expect(takes.sort()).toEqual([...Array(7).fill('ALREADY_RUNNING'), 'taken']);
  });

  test('is not taken from its new owner by one that had judged the old', async () => {
    let first = '';
    const late = take({
      read: async () => {
        const before = named;
        first = await take();
        return before;
      },
    });
    expect([await late, first]).toEqual(['ALREADY_RUNNING', 'taken']);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  test('is not taken from a new owner that has not said its name yet', async () => {
    let second = '';
    const first = take({
      write: async (owner) => {
        second = await take();
        named = owner;
      },
    });
    expect([await first, second]).toEqual(['taken', 'ALREADY_RUNNING']);
  });
});
