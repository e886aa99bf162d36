import { posix } from 'node:path';
import { BROWSER_PACKAGES } from './columns.js';
import { beginsWith, roomOf, targetOf } from './rules.js';
import type { SourceFile } from './source-file.js';

/** More than this is not a folder that one finds one's way in. */
const MAX_FOLDER_FILES = 30;

/** Folders with more files than a reader can keep apart; their sub-folders count for themselves. */
export function crowdedFolders(paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FOLDER_FILES)
    .map(([folder, count]) => `${folder} has ${count} files, ${MAX_FOLDER_FILES} at most`);
}

/** Names that exist in Node alone. */
const NODE_GLOBALS = ['process', 'Buffer', '__dirname', '__filename', 'require'];

/**
 * The cycles of imports among files, each as the paths along it. Those through types alone count:
 * two files that need each other to be understood are one idea in two places.
 */
export function importCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const targets = new Map(
    files.map((file) => [file.path, file.imports.flatMap((one) => targetOf(file, one) ?? [])]),
  );
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) cycles.push([...trail.slice(seenAt), path]);
    if (seenAt !== -1 || done.has(path)) return;
    trail.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of targets.keys()) visit(path);
  return cycles;
}

/**
 * What keeps the client kit out of a browser: a file that its code reaches and that uses Node.
 * Imports of types alone do not count here, because nothing of them is left to run.
 */
export function browserBreaches(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set(files.filter((file) => roomOf(file.path) === 'client'));
  const breaches: string[] = [];
  for (const file of reached) {
    for (const one of file.imports) {
      if (one.typeOnly) continue;
      const target = targetOf(file, one);
      const next = target === undefined ? undefined : byPath.get(target);
      if (next !== undefined) reached.add(next);
      const loads = BROWSER_PACKAGES.some((name) => beginsWith(one.specifier, name));
      if (target === undefined && !loads) breaches.push(`${file.path} imports ${one.specifier}`);
    }
    for (const name of nodeGlobalsIn(file)) breaches.push(`${file.path} uses ${name}`);
  }
  return breaches;
}

function nodeGlobalsIn(file: SourceFile): readonly string[] {
  const members = new Set(
    file.nodes.flatMap((node) => [
      node.type === 'MemberExpression' && node.computed === false ? node.property : undefined,
      node.type === 'Property' ? node.key : undefined,
    ]),
  );
  return NODE_GLOBALS.filter((name) =>
    file.nodes.some(
      (node) => node.type === 'Identifier' && node.name === name && !members.has(node),
    ),
  );
}
