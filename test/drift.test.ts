import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { printInitialMigration } from '../src/cli/write-migrations.js';
import { schemaFiles } from '../src/federation/schema-files.js';
import { MIGRATIONS_FOLDER } from '../src/store/migrations.js';

const folder = fileURLToPath(new URL('../schema', import.meta.url));
const files = await schemaFiles();

/** Files that the code prints; schema/operations/ is written by hand, and a release is kept as it was. */
const generatedOnDisk = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(graphql|md)$/.test(path) && !path.startsWith('operations/'))
  .filter((path) => path !== 'released.graphql');

describe('schema/ is what the code prints (npm run schema writes it)', () => {
  test.each([...files.keys()])('%s', (path) => {
    expect(readFileSync(join(folder, path), 'utf8')).toBe(files.get(path));
  });

  test('and nothing else is there', () => {
    expect(generatedOnDisk.sort()).toEqual([...files.keys()].sort());
  });

  test('printing is deterministic', async () => {
    expect(await schemaFiles()).toEqual(files);
  });
});

test('the one migration is what the tables and triggers say (npm run migrations writes it)', () => {
  const stored = readFileSync(join(MIGRATIONS_FOLDER, '0000_initial.sql'), 'utf8');
  expect(printInitialMigration()).toBe(stored);
});

test('the API keeps no total beside a list: beside a filtered one it is a leak', () => {
  const api = buildSchema(files.get('api.graphql') ?? '');
  const counted = Object.values(api.getTypeMap()).filter(
    (type) => 'getFields' in type && 'totalCount' in type.getFields(),
  );
  expect(counted).toEqual([]);
});

describe('what is ready to be asked fits the schema', () => {
  const api = buildSchema(files.get('api.graphql') ?? '');
  const operations = join(folder, 'operations');

  test.each(readdirSync(operations).filter((name) => name.endsWith('.graphql')))('%s', (name) => {
    expect(validate(api, parse(readFileSync(join(operations, name), 'utf8')))).toEqual([]);
  });
});
