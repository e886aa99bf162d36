import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree, as far as the law reads it. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** One `import`, `export ... from`, `import()` or `import('...')` type. */
export interface Import {
  /** The text between the quotes. */
  readonly specifier: string;
  /** Erased by the compiler: no code of the other file runs. */
  readonly typeOnly: boolean;
  /** The names it takes, under the names they were exported by. */
  readonly names: readonly string[];
}

/** One TypeScript file as the law sees it. */
export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly statements: readonly Syntax[];
  /** Every node of the file, outer ones first. */
  readonly nodes: readonly Syntax[];
  lineOf(offset: number): number;
}

/** Reads every TypeScript file below a folder of the project; none if there is no such folder. */
export function readSources(root: string, folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.includes('/migrations'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

/** Reads one file from its text, which need not be on any disk. */
export function parseSource(path: string, text: string): SourceFile {
  const program = parseAst(text, { lang: path.endsWith('.d.ts') ? 'dts' : 'ts' });
  const nodes: Syntax[] = [];
  collect(program, nodes);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  return {
    path,
    lines: lineOf(text.trimEnd().length),
    imports: nodes.flatMap(importsOf),
    statements: program.body as unknown as readonly Syntax[],
    nodes,
    lineOf,
  };
}

function collect(value: unknown, nodes: Syntax[]): void {
  if (Array.isArray(value)) for (const element of value) collect(element, nodes);
  else if (typeof value === 'object' && value !== null) {
    if (isSyntax(value)) nodes.push(value);
    for (const member of Object.values(value)) collect(member, nodes);
  }
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The name of an identifier or the text of a string; undefined for any other node. */
export function nameOf(node: unknown): string | undefined {
  if (!isSyntax(node)) return undefined;
  const name = node.type === 'Literal' ? node.value : node.name;
  return typeof name === 'string' ? name : undefined;
}

const KIND_OF_IMPORT: Readonly<Record<string, string>> = {
  ImportDeclaration: 'importKind',
  ExportNamedDeclaration: 'exportKind',
  ExportAllDeclaration: 'exportKind',
  ImportExpression: 'none',
  TSImportType: 'none',
};

function importsOf(node: Syntax): readonly Import[] {
  const kind = KIND_OF_IMPORT[node.type];
  if (kind === undefined || !isSyntax(node.source)) return [];
  const specifiers = (Array.isArray(node.specifiers) ? node.specifiers : []) as Syntax[];
  return [
    {
      // A computed import() could reach anything, so it is given a name that no rule allows.
      specifier: nameOf(node.source) ?? '(computed)',
      typeOnly: node.type === 'TSImportType' || node[kind] === 'type',
      names: specifiers.flatMap((one) => nameOf(one.imported ?? one.local) ?? []),
    },
  ];
}
