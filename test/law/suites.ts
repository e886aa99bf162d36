import { COLUMNS } from './columns.js';
import { targetOf } from './rules.js';
import { nameOf, type SourceFile } from './source-file.js';

/** Room and path of a file in src/, alone or as it is built into dist/. */
const BUILT = new RegExp(`^(?:.*/dist/)?((?:${COLUMNS.flat().join('|')})/[\\w/-]+)\\.[jt]s$`);

/**
 * What a file of test/ or bench/ imports that is nobody's to import. A suite that is imported runs a second
 * time, inside another. A bench imports only what test/support/ has for all: what lies beside a suite is
 * made for that suite alone.
 */
export function suiteBreaches(file: SourceFile): readonly string[] {
  return file.imports.flatMap((one) => {
    const target = targetOf(file, one) ?? '';
    const isSuite = target.endsWith('.test.ts');
    const isBesideSuite = target.startsWith('test/') && !target.startsWith('test/support/');
    const isRefused = isSuite || (file.path.startsWith('bench/') && isBesideSuite);
    return isRefused ? [`${file.path} imports ${target}`] : [];
  });
}

/**
 * Files of src/ that a file names in a string, as one that starts a process or skips a file does, and that
 * are not there: no compiler reads those names.
 */
export function unbuiltFiles(
  file: SourceFile,
  exists: (path: string) => boolean,
): readonly string[] {
  const imported = new Set(file.imports.map(({ specifier }) => specifier));
  return file.nodes.flatMap((node) => {
    const text = node.type === 'Literal' ? nameOf(node) : undefined;
    const built = text === undefined || imported.has(text) ? undefined : BUILT.exec(text)?.[1];
    if (built === undefined || exists(`src/${built}.ts`)) return [];
    return [`${file.path} names src/${built}.ts, which is not there`];
  });
}
