import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, describe, expect, test } from 'vitest';
import { PORTAL } from './portal.js';

/** The compiler's program for this platform; null where the package has none. */
const COMPILER: string | null = createRequire(import.meta.url)('relay-compiler');
if (COMPILER === null) console.warn('skipped: relay-compiler has no program for this platform');

const API = await readFile(new URL('../../../schema/api.graphql', import.meta.url), 'utf8');
const folder = await mkdtemp(join(tmpdir(), 'assent-relay-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles the portal over a schema, with Relay's own defaults. @returns the artifacts by name. */
async function compile(name: string, schema: string): Promise<ReadonlyMap<string, string>> {
  const root = join(folder, name);
  const artifacts = join(root, 'src', '__generated__');
  await mkdir(artifacts, { recursive: true });
  await writeFile(join(root, 'schema.graphql'), schema);
  const config = { src: './src', schema: './schema.graphql', language: 'javascript' };
  await writeFile(join(root, 'relay.config.json'), JSON.stringify(config));
  for (const [file, text] of Object.entries(PORTAL)) {
    await writeFile(join(root, 'src', file), `import { graphql } from 'relay-runtime';\n${text}\n`);
  }
  await promisify(execFile)(COMPILER as string, ['--repersist'], { cwd: root });
  const files = await readdir(artifacts);
  return new Map(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(artifacts, file), 'utf8')] as const),
    ),
  );
}

/** What an artifact sends to a gateway; undefined for a fragment's. */
function documentIn(artifact: string): string | undefined {
  const [, text] = /^\s+"text": (".*")$/m.exec(artifact) ?? [];
  return text === undefined ? undefined : (JSON.parse(text) as string);
}

describe.skipIf(COMPILER === null)('a portal written for Relay', () => {
  test('compiles, and what it sends is valid: pages by @connection, refetching by @refetchable', async () => {
    const artifacts = await compile('api', API);
    const documents = [...artifacts.values()].flatMap((artifact) => documentIn(artifact) ?? []);
    const queries = documents.map((text) => /^query (\w+)/m.exec(text)?.[1]).sort();
    expect(queries).toEqual([
      ...[
        'DisclosuresPageQuery',
        'DisclosuresQuery',
        'InstitutionQuery',
        'InstitutionRefetchQuery',
      ],
      ...['LotRefetchQuery', 'ParticipantPageQuery', 'ParticipantQuery', 'StudiesQuery'],
      ...['StudyPageQuery', 'StudyQuery', 'TrialsPageQuery', 'TrialsQuery'],
    ]);
    const schema = buildSchema(API);
    for (const text of documents) expect(validate(schema, parse(text))).toEqual([]);
    // What is refetched is asked for by its id, which Relay adds to whatever has one.
    expect(documentIn(artifacts.get('ParticipantPageQuery.graphql.js') ?? '')).toMatch(
      /node\(id: \$id\) \{\s+__typename/,
    );
  });

  test.each<[string, (schema: string) => string, RegExp]>([
    ['edges', (schema) => schema.replaceAll(/^ {2}edges: .*$/gm, ''), /edges/],
    [
      'Node',
      (schema) => schema.replaceAll(' & Node', '').replaceAll(/ implements Node(?= \{)/g, ''),
      /Node/,
    ],
  ])('would not compile without %s', async (name, change, reason) => {
    const failed = compile(name, change(API)).then(
      () => 'compiled',
      (failure: { readonly stdout: string; readonly stderr: string }) =>
        failure.stdout + failure.stderr,
    );
    expect(await failed).toMatch(reason);
  });
});
