import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What others may not: everything. */
const OTHERS = 0o077;

/** What emscripten's file system over Node's calls to make a file and to change one. */
interface NodeOperations {
  mknod(parent: unknown, name: string, mode: number, device: unknown): unknown;
  setattr(node: unknown, attributes: { readonly mode?: number }): unknown;
}

/** Emscripten's module before it runs. */
interface Module {
  readonly NODEFS: { readonly node_ops: NodeOperations };
}

/**
 * A folder for the embedded engine whose files only this user reads: 0600, folders 0700. The engine
 * sets modes by itself, 0666 among them and whatever the umask, also of what it makes while it runs.
 */
export class PrivateFolder extends NodeFS {
  override async init(...given: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...given);
    const preRun = [emscriptenOpts.preRun ?? []].flat();
    const begin = (module: unknown) => {
      keepPrivate((module as Module).NODEFS.node_ops);
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [begin, ...preRun] } };
  }
}

function keepPrivate(operations: NodeOperations): void {
  const { mknod, setattr } = operations;
  operations.mknod = (parent, name, mode, device) => mknod(parent, name, mode & ~OTHERS, device);
  operations.setattr = (node, attributes) => {
    const { mode } = attributes;
    return setattr(node, mode === undefined ? attributes : { ...attributes, mode: mode & ~OTHERS });
  };
}

/** Takes others' rights from all that is there: an earlier version's files, or a copy of them. */
export async function tighten(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await tighten(path);
    else if (entry.isFile()) await chmod(path, 0o600);
  }
}
