import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LONG_SUITES, LONGEST } from '../vitest.config.js';
import longRun from '../vitest.long.config.js';
import { browserBreaches, crowdedFolders, importCycles } from './law/graph.js';
import { RULES } from './law/rules.js';
import { parseSource, readSources } from './law/source-file.js';
import { suiteBreaches, unbuiltFiles } from './law/suites.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = readSources(root, 'src');
const tests = [...readSources(root, 'test'), ...readSources(root, 'bench')];
const exists = (path: string) => existsSync(join(root, path));

describe('the law', () => {
  test('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  test.each(sources.map((file) => [file.path, file] as const))('%s keeps it', (_, file) => {
    const breaches = Object.entries(RULES).flatMap(([name, rule]) =>
      rule(file).map((breach) => `${name}: ${breach}`),
    );
    expect(breaches).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(importCycles(sources)).toEqual([]);
  });

  test('no folder has more files than a reader can keep apart', () => {
    const paths = [...sources, ...tests].map(({ path }) => path);
    expect(crowdedFolders(paths)).toEqual([]);
  });

  test('the client kit and all that it reaches run in a browser', () => {
    expect(browserBreaches(sources)).toEqual([]);
  });

  test('no suite is imported, and benches import what is made for them', () => {
    expect(tests.flatMap(suiteBreaches)).toEqual([]);
  });

  test('what tests and benches load by its name is there', () => {
    expect(tests.flatMap((file) => unbuiltFiles(file, exists))).toEqual([]);
  });

  test('the suites that vitest is told of are there', () => {
    const named = [
      ...LONGEST.map((name) => `test/${name}.test.ts`),
      ...LONG_SUITES,
      ...(longRun.test?.include ?? []).filter((path) => !path.includes('*')),
    ];
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});

/** Files that break one rule each: a law that refuses nothing holds nothing. */
const WRONG: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['importsOnlyLeftwards', 'src/zk/x.ts', "import { a } from '../consent/permit.js';"],
  ['importsOnlyLeftwards', 'src/zk/x.ts', "import type { A } from '../ledger/snapshot.js';"],
  ['importsOnlyLeftwards', 'src/network/x.ts', "export { a } from '../consent/permit.js';"],
  ['importsOnlyLeftwards', 'src/records/x.ts', "const a = await import('../trials/model.js');"],
  ['importsOnlyLeftwards', 'src/records/x.ts', "type A = import('../supply/model.js').A;"],
  ['importsOnlyLeftwards', 'src/client/x.ts', "import { a } from '../graph/page.js';"],
  ['importsOnlyLeftwards', 'src/zk/x.ts', "import { a } from '../../test/law.test.js';"],
  ['importsOnlyLeftwards', 'src/rooms/x.ts', 'export const a = 1;'],
  ['importsOnlyLeftwards', 'src/x.ts', 'export const a = 1;'],
  ['importsOnlyDownwards', 'src/zk/poseidon/x.ts', "import { a } from '../leaf.js';"],
  ['importsOnlyDownwards', 'src/zk/verify/x.ts', "import type { A } from '../ceremony/begin.js';"],
  ['importsOnlyDownwards', 'src/consent/feed/x.ts', "import { a } from '../gate/gate.js';"],
  [
    'importsOnlyDownwards',
    'src/consent/evidence/x.ts',
    "import { a } from '../registration/study.js';",
  ],
  ['importsOnlyDownwards', 'src/ledger/read/x.ts', "import { a } from '../rooms/x.js';"],
  ['importsOnlyDownwards', 'src/ledger/rooms/x.ts', 'export const a = 1;'],
  ['importsOnlyDownwards', 'src/ledger/x.ts', 'export const a = 1;'],
  ['leavesThePilotAlone', 'src/cli/x.ts', "import { A } from './pilot/institutions.js';"],
  ['leavesThePilotAlone', 'src/cli/x.ts', "import type { A } from './pilot/plan.js';"],
  ['leavesThePilotAlone', 'src/cli/tour/x.ts', "const a = await import('../pilot/pilot.js');"],
  ['leavesThePilotAlone', 'src/cli/program.ts', "import { A } from './pilot/institutions.js';"],
  ['leavesThePilotAlone', 'src/cli/x.ts', "import { a } from './pilot/commands.js';"],
  ['importsOnlyOwnPackages', 'src/consent/x.ts', "import * as snarkjs from 'snarkjs';"],
  ['importsOnlyOwnPackages', 'src/consent/x.ts', "import { http } from 'viem/chains';"],
  ['importsOnlyOwnPackages', 'src/records/x.ts', "import { drizzle } from 'drizzle-orm/pglite';"],
  ['importsOnlyOwnPackages', 'src/consent/x.ts', "import { fastify } from 'fastify';"],
  ['importsOnlyOwnPackages', 'src/core/x.ts', "import leftPad from 'left-pad';"],
  ['importsOnlyOwnPackages', 'src/records/x.ts', "import { request } from 'node:http';"],
  ['importsOnlyOwnPackages', 'src/core/x.ts', 'const a = await import(name);'],
  ['readsEnvironmentOnlyInCore', 'src/zk/x.ts', 'const a = process.env.NODE_ENV;'],
  ['readsEnvironmentOnlyInCore', 'src/zk/x.ts', "const a = process['env'];"],
  ['readsEnvironmentOnlyInCore', 'src/cli/x.ts', 'const { env } = process;'],
  ['readsEnvironmentOnlyInCore', 'src/cli/x.ts', "import { env } from 'node:process';"],
  ['mintsOnlyInGate', 'src/records/x.ts', 'const a = PermitSet.mint([], []);'],
  ['mintsOnlyInGate', 'src/consent/answers/node-consents.ts', "const a = Permits['mint']([], []);"],
  ['mintsOnlyInGate', 'src/consent/x.ts', 'const { mint } = Permits;'],
  ['mintsOnlyInGate', 'src/records/x.ts', "import { PermitSet as P } from '../consent/permit.js';"],
  ['fetchesOnlyInNetwork', 'src/client/x.ts', "const a = await fetch('/');"],
  ['fetchesOnlyInNetwork', 'src/records/x.ts', 'const a = globalThis.fetch;'],
  ['exportsByName', 'src/core/x.ts', 'export default 1;'],
  ['exportsByName', 'src/core/x.ts', 'const a = 1; export { a as default };'],
  ['exportsByName', 'src/core/x.ts', "export * from './ids.js';"],
  ['isNamedForWhatItHolds', 'src/core/index.ts', 'export const a = 1;'],
  ['isNamedForWhatItHolds', 'src/core/date-utils.ts', 'export const a = 1;'],
  ['isNamedForWhatItHolds', 'src/core/DateRange.ts', 'export const a = 1;'],
  ['fitsTheEye', 'src/core/x.ts', 'export const a = 1;\n'.repeat(401)],
  ['fitsTheEye', 'src/core/x.ts', `export const a = () => {${'\n'.repeat(60)}};`],
];

/** Files that look wrong and are not. */
const RIGHT: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['importsOnlyLeftwards', 'src/cli/x.ts', "import { a } from '../client/wallet.js';"],
  ['importsOnlyLeftwards', 'src/client/x.ts', "import { a } from '../zk/field.js';"],
  ['importsOnlyDownwards', 'src/zk/verify/x.ts', "import { a } from '../leaf.js';"],
  ['importsOnlyDownwards', 'src/zk/leaf.ts', "import { a } from './kinds.js';"],
  ['importsOnlyDownwards', 'src/consent/answers/my/x.ts', "import { a } from '../network.js';"],
  ['importsOnlyDownwards', 'src/consent/gate/x.ts', "import { a } from '../../records/x.js';"],
  ['leavesThePilotAlone', 'src/cli/program.ts', "import { a } from './pilot/commands.js';"],
  ['leavesThePilotAlone', 'src/cli/pilot/tour/x.ts', "import { A } from '../institutions.js';"],
  ['leavesThePilotAlone', 'src/cli/pilot/x.ts', "import { a } from '../settings.js';"],
  ['importsOnlyOwnPackages', 'src/consent/x.ts', "import type { FastifyInstance } from 'fastify';"],
  ['importsOnlyOwnPackages', 'src/records/x.ts', "import { sql } from 'drizzle-orm';"],
  ['readsEnvironmentOnlyInCore', 'src/core/x.ts', 'const a = process.env;'],
  ['mintsOnlyInGate', 'src/consent/gate/open.ts', 'const a = PermitSet.mint([], []);'],
  ['mintsOnlyInGate', 'src/supply/x.ts', "import type { PermitSet } from '../consent/permit.js';"],
  ['fetchesOnlyInNetwork', 'src/client/x.ts', "const a = await kit.fetch('/');"],
  ['fitsTheEye', 'src/core/x.ts', `export const a = () => {${'\n'.repeat(59)}};`],
];

function titled([rule, path, text]: readonly [rule: string, path: string, text: string]) {
  return [rule, path, text.trim().split('\n')[0] ?? '', text] as const;
}

describe('the law itself', () => {
  test.each(WRONG.map(titled))('%s refuses %s: %s', (rule, path, _, text) => {
    expect(RULES[rule]?.(parseSource(path, text))).not.toEqual([]);
  });

  test.each(RIGHT.map(titled))('%s lets pass %s: %s', (rule, path, _, text) => {
    expect(RULES[rule]?.(parseSource(path, text))).toEqual([]);
  });

  test('finds a cycle, one of types alone included', () => {
    const files = [
      parseSource('src/core/a.ts', "import type { B } from './b.js';"),
      parseSource('src/core/b.ts', "import { c } from './c.js';"),
      parseSource('src/core/c.ts', "import { a } from './a.js';"),
    ];
    expect(importCycles(files)).toEqual([
      ['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/a.ts'],
    ]);
  });

  test('finds a folder of more than thirty files, and counts its sub-folders apart', () => {
    const paths = Array.from({ length: 30 }, (_, index) => `src/core/a${index}.ts`);
    expect(crowdedFolders([...paths, 'src/core/inner/b.ts'])).toEqual([]);
    expect(crowdedFolders([...paths, 'src/core/b.ts'])).toHaveLength(1);
  });

  test.each([
    ["import { readFileSync } from 'node:fs';"],
    ["import pg from 'pg';"],
    ['export const a = Buffer.from([]);'],
  ])('finds what no browser has, one file further: %s', (text) => {
    const files = [
      parseSource('src/client/a.ts', "import { b } from '../core/b.js';"),
      parseSource('src/core/b.ts', text),
    ];
    expect(browserBreaches(files)).toHaveLength(1);
  });

  test('lets a browser pass by what is imported as a type', () => {
    const files = [
      parseSource('src/client/a.ts', "import type { B } from '../core/b.js';"),
      parseSource('src/core/b.ts', "import { readFileSync } from 'node:fs';"),
    ];
    expect(browserBreaches(files)).toEqual([]);
  });

  test.each([
    ['test/records/a.test.ts', "import { A } from './b.test.js';"],
    ['test/support/a.ts', "import type { A } from '../records/b.long.test.js';"],
    ['bench/a.ts', "const a = await import('../test/records/b.test.js');"],
    ['bench/a/b.ts', "import { A } from '../../test/federation/clients/stand.js';"],
  ])('finds in %s: %s', (path, text) => {
    expect(suiteBreaches(parseSource(path, text))).toHaveLength(1);
  });

  test.each([
    ['test/records/a.test.ts', "import { A } from './stand.js';"],
    ['bench/a/b.ts', "import { A } from '../../test/support/network.js';"],
    ['bench/a/b.ts', "import { A } from '../../src/zk/leaf.js';"],
    ['bench/a/b.ts', "import { A } from '../population.js';"],
  ])('lets pass in %s: %s', (path, text) => {
    expect(suiteBreaches(parseSource(path, text))).toEqual([]);
  });

  test.each([
    ["const a = new URL('../../dist/zk/gone.js', import.meta.url);", ['src/zk/gone.ts']],
    ["const a = await load('cli/gone.js');", ['src/cli/gone.ts']],
    ["const a = ['core/gone.ts'];", ['src/core/gone.ts']],
    ["const a = new URL('../../dist/zk/leaf.js', import.meta.url);", []],
    ["const a = ['core/ids.ts', 'cli/main.js', 'rooms/gone.js', './cli/gone.js'];", []],
  ])('finds a file that is named and is not there: %s', (text, gone) => {
    expect(unbuiltFiles(parseSource('bench/a.ts', text), exists)).toEqual(
      gone.map((path) => `bench/a.ts names ${path}, which is not there`),
    );
  });
});
