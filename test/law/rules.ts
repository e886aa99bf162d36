import { posix } from 'node:path';
import { COLUMNS, FLOORS, OWNERS, SEES_ONLY } from './columns.js';
import { type Import, isSyntax, nameOf, type SourceFile, type Syntax } from './source-file.js';

/** Looks at one file; every sentence it gives back is a breach. */
export type Rule = (file: SourceFile) => readonly string[];

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/;
/** Words that say nothing about what a file holds, anywhere in its name ... */
const EMPTY_WORDS = /(^|-)(utils?|helpers?|common|managers?|services?|misc|shared)(-|\.)/;
/** ... and those that say nothing when they are all of it. */
const EMPTY_NAMES = ['index.ts', 'types.ts', 'data.ts', 'info.ts', 'schema.ts', 'constants.ts'];
/** The gate, and the file that defines what it mints. */
const MINTERS = /^src\/consent\/gate\/(open|permit)\.ts$/;

/** The room of a file in src/; undefined for a file that lies in none. */
export function roomOf(path: string): string | undefined {
  return /^src\/([a-z]+)\/./.exec(path)?.[1];
}

/** The file in src/ that a relative import means; undefined for an outside package. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(file.path), specifier).replace(/\.js$/, '.ts');
}

/**
 * Imports point left. Those of types alone count too: a room that can name another's types changes
 * whenever that other one does, which is what the columns are there to prevent.
 */
export const importsOnlyLeftwards: Rule = (file) => {
  const room = roomOf(file.path);
  const column = columnOf(room);
  if (room === undefined || column === undefined) return [`lies in no room of ${COLUMNS.flat()}`];
  return file.imports.flatMap((one) => {
    const target = targetOf(file, one);
    if (target === undefined) return [];
    const other = roomOf(target);
    const otherColumn = columnOf(other);
    if (other === undefined || otherColumn === undefined) return [`imports ${target}, in no room`];
    if (other === room) return [];
    const sees = SEES_ONLY[room]?.includes(other) ?? otherColumn < column;
    return sees ? [] : [`imports ${target}, which is not to the left of ${room}`];
  });
};

/** Inside a room too imports point one way: down the floors of FLOORS. Those of types alone count. */
export const importsOnlyDownwards: Rule = (file) => {
  const room = roomOf(file.path);
  const floors = FLOORS[room ?? ''];
  if (room === undefined || floors === undefined) return [];
  const own = innerRoomOf(file.path);
  const floorOf = (inner: string) => floors.findIndex((names) => names.includes(inner));
  if (floorOf(own) === -1) return [`lies on no floor of ${room}`];
  return file.imports.flatMap((one) => {
    const target = targetOf(file, one);
    if (target === undefined || roomOf(target) !== room) return [];
    const other = innerRoomOf(target);
    const isBelow = floorOf(other) !== -1 && floorOf(other) < floorOf(own);
    return other === own || isBelow ? [] : [`imports ${target}, which is not below ${room}/${own}`];
  });
};

/** The inner room of a file in src/; '.' for one that stands in the room itself. */
function innerRoomOf(path: string): string {
  return /^src\/[a-z]+\/([a-z-]+)\//.exec(path)?.[1] ?? '.';
}

/** The pilot keeps everybody's keys and made-up names: a real network's code reaches none of its files. */
const PILOT = 'src/cli/pilot/';

/**
 * Nothing outside the pilot imports from it, types included. The list of commands alone has its door: it
 * adds what `assent pilot`, `token` and `tour` are called, and these load the rest.
 */
export const leavesThePilotAlone: Rule = (file) => {
  if (file.path.startsWith(PILOT)) return [];
  return file.imports.flatMap((one) => {
    const target = targetOf(file, one);
    const isDoor = file.path === 'src/cli/program.ts' && target === `${PILOT}commands.ts`;
    return target?.startsWith(PILOT) && !isDoor ? [`imports ${target}, which is the pilot's`] : [];
  });
};

export const importsOnlyOwnPackages: Rule = (file) =>
  file.imports.flatMap(({ specifier, typeOnly }) => {
    if (specifier.startsWith('.')) return [];
    const owner = ownerOf(specifier);
    if (owner === undefined) return [`imports ${specifier}, which no room owns`];
    const room = roomOf(file.path) ?? '';
    const may = [...owner.rooms, ...(typeOnly ? (owner.types ?? []) : [])];
    return may.includes(room) || may.includes('*')
      ? []
      : [`imports ${specifier}, owned by ${owner.rooms.join(', ')}`];
  });

/** Settings come from core/settings/config.ts alone, so that every one of them is checked and documented. */
export const readsEnvironmentOnlyInCore: Rule = (file) => {
  if (roomOf(file.path) === 'core') return [];
  const reads = file.nodes.some(
    (node) => isMember(node, 'process', 'env') || isDestructured(node, 'process', 'env'),
  );
  const imported = file.imports.some(({ names }) => names.includes('env'));
  return reads || imported ? ['reads process.env, which only core may'] : [];
};

/** Only the gate opens rows: other code that could mint permits would not need a proof. */
export const mintsOnlyInGate: Rule = (file) => {
  if (MINTERS.test(file.path)) return [];
  const mints = file.nodes.some(
    (node) =>
      (node.type === 'MemberExpression' && nameOf(node.property) === 'mint') ||
      (node.type === 'Property' && nameOf(node.key) === 'mint'),
  );
  const asValue = file.imports.some(
    (one) =>
      !one.typeOnly &&
      one.names.includes('PermitSet') &&
      file.nodes.some((node) => node.type === 'ImportSpecifier' && isValueOf(node, 'PermitSet')),
  );
  return mints || asValue ? ['mints permits, or holds the class that does'] : [];
};

/**
 * The network room owns HTTP, and one file of the ledger that of its endpoints; the client kit is handed its fetch, the command
 * line hands it over.
 */
export const fetchesOnlyInNetwork: Rule = (file) => {
  if (['network', 'cli'].includes(roomOf(file.path) ?? '')) return [];
  if (file.path === 'src/ledger/rpc/bounded-fetch.ts') return [];
  const fetches = file.nodes.some(
    (node) =>
      (node.type === 'CallExpression' && nameOf(node.callee) === 'fetch') ||
      isMember(node, 'globalThis', 'fetch'),
  );
  return fetches ? ['calls fetch, which network owns'] : [];
};

export const exportsByName: Rule = (file) => {
  const isDefault = file.nodes.some(
    (node) =>
      node.type === 'ExportDefaultDeclaration' ||
      (node.type === 'ExportSpecifier' && nameOf(node.exported) === 'default'),
  );
  const isBarrel =
    file.statements.length > 0 &&
    file.statements.every((node) => node.type.startsWith('Export') && isSyntax(node.source));
  return [
    ...(isDefault ? ['has a default export'] : []),
    ...(isBarrel ? ['is a barrel: import from where a thing is'] : []),
  ];
};

export const isNamedForWhatItHolds: Rule = ({ path }) => {
  const name = posix.basename(path);
  return KEBAB.test(name) && !EMPTY_WORDS.test(name) && !EMPTY_NAMES.includes(name)
    ? []
    : ['has a name that says nothing, or is not kebab-case'];
};

export const fitsTheEye: Rule = (file) => [
  ...(file.lines > MAX_FILE_LINES ? [`has ${file.lines} lines, ${MAX_FILE_LINES} at most`] : []),
  ...file.nodes.flatMap((node) => {
    if (!FUNCTIONS.includes(node.type)) return [];
    const first = file.lineOf(node.start);
    const lines = file.lineOf(node.end) - first + 1;
    return lines > MAX_FUNCTION_LINES
      ? [`line ${first}: a function of ${lines} lines, ${MAX_FUNCTION_LINES} at most`]
      : [];
  }),
];

/** All rules that one file alone can break. */
export const RULES: Readonly<Record<string, Rule>> = {
  importsOnlyLeftwards,
  importsOnlyDownwards,
  leavesThePilotAlone,
  importsOnlyOwnPackages,
  readsEnvironmentOnlyInCore,
  mintsOnlyInGate,
  fetchesOnlyInNetwork,
  exportsByName,
  isNamedForWhatItHolds,
  fitsTheEye,
};

function columnOf(room: string | undefined): number | undefined {
  const column = COLUMNS.findIndex((rooms) => room !== undefined && rooms.includes(room));
  return column === -1 ? undefined : column;
}

function ownerOf(specifier: string) {
  const entry = Object.keys(OWNERS)
    .filter((name) => beginsWith(specifier, name))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), '');
  return OWNERS[entry];
}

/** Whether an import means a package or a part of it; an entry that ends in / or : means a family. */
export function beginsWith(specifier: string, entry: string): boolean {
  return /[/:]$/.test(entry)
    ? specifier.startsWith(entry)
    : specifier === entry || specifier.startsWith(`${entry}/`);
}

/** `object.property` and `object['property']`. */
function isMember(node: Syntax, object: string, property: string): boolean {
  return (
    node.type === 'MemberExpression' &&
    nameOf(node.object) === object &&
    nameOf(node.property) === property
  );
}

/** `const { property } = object`. */
function isDestructured(node: Syntax, object: string, property: string): boolean {
  return (
    node.type === 'VariableDeclarator' &&
    nameOf(node.init) === object &&
    isSyntax(node.id) &&
    Array.isArray(node.id.properties) &&
    node.id.properties.some((one: Syntax) => nameOf(one.key) === property)
  );
}

function isValueOf(specifier: Syntax, name: string): boolean {
  return nameOf(specifier.imported) === name && specifier.importKind === 'value';
}
