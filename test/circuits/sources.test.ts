import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256OfFile } from '../../circuits/compile.js';
import {
  CIRCUITS_FOLDER,
  circuits,
  generatedFiles,
  hashOfSources,
  type StatementName,
} from '../../circuits/generate.js';
import { MAX_FACTS } from '../../src/zk/credential.js';
import { CRITERIA_GROUPS, MAX_CRITERIA } from '../../src/zk/criteria.js';
import { DOMAIN_TAGS } from '../../src/zk/domain-tags.js';
import { PUBLIC_SIGNALS, STATEMENTS } from '../../src/zk/statement.js';
import { SHARD_LEVELS, TOP_LEVELS } from '../../src/zk/tree.js';
import { hashOfSmallSources } from '../support/circuits/small-compilation.js';
import { PACK, readPack } from '../support/circuits/small-pack.js';

const read = (path: string) => readFileSync(join(CIRCUITS_FOLDER, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const names = Object.keys(circuits.statements) as StatementName[];

describe('circuits.json, the one source', () => {
  test.each([...generatedFiles()])('wrote %s as it stands', (path, text) => {
    expect(read(path)).toBe(text);
  });

  test('has the kinds, signals, statements and levels that TypeScript has', () => {
    const kinds = Object.entries(circuits.kinds).map(([name, value]) => [name, BigInt(value)]);
    expect(Object.fromEntries(kinds)).toEqual(DOMAIN_TAGS);
    expect(new Set(Object.values(DOMAIN_TAGS)).size).toBe(Object.keys(DOMAIN_TAGS).length);
    expect(circuits.publicSignals).toEqual(PUBLIC_SIGNALS);
    expect(names).toEqual(STATEMENTS);
    const levels = [SHARD_LEVELS, TOP_LEVELS];
    expect(circuits.statements.consent.parameters).toEqual(levels);
    expect(circuits.statements.accreditation.parameters).toEqual(levels);
    expect(circuits.statements.eligibility.parameters).toEqual([
      ...levels,
      MAX_FACTS,
      MAX_CRITERIA,
      CRITERIA_GROUPS,
    ]);
  });

  test.each(names)(
    '%s declares the public signals in its order, which is the order they get',
    (name) => {
      const text = read(`lib/${circuits.statements[name].file}`);
      const inputs = [
        ...text.slice(text.indexOf('// Public signals')).matchAll(/signal input (\w+)/g),
      ];
      expect(inputs.slice(0, PUBLIC_SIGNALS.length).map(([, signal]) => signal)).toEqual(
        PUBLIC_SIGNALS,
      );
    },
  );
});

describe('the committed artifacts', () => {
  const manifest = json('artifacts/manifest.json');

  test.each(names)(
    'of %s have the hashes in the manifest, and nothing else lies beside them',
    (name) => {
      for (const [file, sha256] of Object.entries(manifest.statements[name].files)) {
        expect(sha256OfFile(join(CIRCUITS_FOLDER, 'artifacts', file))).toBe(sha256);
      }
      const listed = names.flatMap((one) => Object.keys(manifest.statements[one].files));
      expect(readdirSync(join(CIRCUITS_FOLDER, 'artifacts')).sort()).toEqual(
        [...listed, 'manifest.json'].sort(),
      );
    },
  );

  test.each(names)('of %s were built from the sources as they stand', (name) => {
    expect(manifest.sourcesSha256).toBe(hashOfSources());
    expect(manifest.statements[name].constraints).toBe(json('sizes.json')[name].constraints);
    expect(json('sizes.json')[name].constraints).toBeLessThanOrEqual(
      circuits.statements[name].maximumConstraints,
    );
  });

  test('say that they are a development setup', () => {
    expect(manifest.setup).toBe('development');
  });
});

test('the committed small instances were compiled from the sources as they stand', () => {
  // Otherwise the tests still hold, but every fresh clone compiles first: run write-small-pack.ts.
  expect(readPack(PACK, hashOfSmallSources())).toBeDefined();
});

/** Conditions on parameters and tags, which the compiler checks. */
const COMPILE_TIME = [
  'BITS < 253',
  'earlier.bits == BITS && later.bits == BITS',
  '1 << BITS == FACTS',
  'CRITERIA * RULE_BITS < 253',
];

/** A hint (`<--`) constrains nothing, and `assert` on a signal constrains nothing. */
test.each(readdirSync(join(CIRCUITS_FOLDER, 'lib')))(
  '%s has no hint without a constraint',
  (file) => {
    const code = read(`lib/${file}`).replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, hinted] of code.matchAll(/signal (\w+) <--/g)) {
      expect(code).toMatch(new RegExp(`\\b${hinted}\\b[^;]*===`));
    }
    expect([...code.matchAll(/<--/g)].length).toBe([...code.matchAll(/signal \w+ <--/g)].length);
    for (const [, condition] of code.matchAll(/assert\(([^;]*)\);/g)) {
      expect(COMPILE_TIME).toContain(condition);
    }
  },
);
