import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { targetOf } from '../law/rules.js';
import { readSources } from '../law/source-file.js';
import { assent } from '../support/cli/assent.js';
import { assentInProcess } from '../support/cli/in-process.js';
import { layPglite } from '../support/store/pglite-image.js';

const home = mkdtempSync(join(tmpdir(), 'assent-commands-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('in production', () => {
  test.each(['pilot', 'token portal', 'tour', 'tour --url http://127.0.0.1:4000'])(
    "nobody's key is made or used: assent %s",
    async (line) => {
      const state = join(home, 'production');
      const command = ['--state-folder', state, ...line.split(' ')];
      const { code, stdout, stderr } = await assent(command, { NODE_ENV: 'production' });
      expect(stderr.trim()).toMatch(/^assent: CONFIGURATION_INVALID [^\n]*$/);
      expect([code, stdout]).toEqual([1, '']);
      expect(readdirSync(home)).not.toContain('production');
    },
  );
});

test('a gateway in production has to know where its clients reach it', async () => {
  const command = ['--state-folder', join(home, 'gateway'), 'gateway'];
  const { code, stderr } = await assent(command, { NODE_ENV: 'production' });
  expect(code).toBe(1);
  expect(stderr.trim()).toMatch(/^assent: CONFIGURATION_INVALID [^\n]*gatewayUrl[^\n]*$/);
});

describe('for a router in front', () => {
  test('the supergraph is printed as it is published, or with other URLs', async () => {
    const published = readFileSync(
      fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url)),
      'utf8',
    );
    expect(await assentInProcess(['supergraph'])).toMatchObject({ code: 0, stdout: published });
    const url = 'https://subgraphs.example/assent';
    expect(await assentInProcess(['supergraph', '--url', url])).toMatchObject({
      code: 0,
      stdout: published.replaceAll('http://127.0.0.1:4001/', `${url}/`),
    });
  });

  test.each(['supergraph', 'subgraphs'])(
    'no router can ask at every address of a machine: assent %s',
    async (command) => {
      const state = join(home, 'every-address');
      const { code, stderr } = await assent(['--state-folder', state, command], {
        ASSENT_SUBGRAPHS_HOST: '0.0.0.0',
      });
      expect([code, stderr.trim()]).toEqual([
        1,
        expect.stringMatching(/^assent: CONFIGURATION_INVALID [^\n]*subgraphsUrl[^\n]*$/),
      ]);
      expect(readdirSync(home)).not.toContain('every-address');
    },
  );
});

describe('verify', () => {
  const verify = (name: string, text: string) => {
    const file = join(home, name);
    writeFileSync(file, text);
    return assentInProcess(['verify', file, '--ledger', 'http://127.0.0.1:9']);
  };

  test.each([
    ['no JSON', '{', 'JSON_MALFORMED'],
    ['no record', '{ "data": { "trial": null } }', 'EVIDENCE_MALFORMED'],
    ['evidence of no known form', '{ "id": "a", "evidence": { "leaf": 7 } }', 'EVIDENCE_MALFORMED'],
    ['a record without evidence', '{ "id": "a", "evidence": null }', 'EVIDENCE_MISSING'],
  ])('refuses a file that holds %s, in one line with the code', async (name, text, refusal) => {
    const { code, stderr } = await verify(`${name}.json`, text);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(new RegExp(`^assent: ${refusal} [^\\n]*$`));
  });

  test('refuses a file that is not there', async () => {
    const { code, stderr } = await assent(['verify', join(home, 'none'), '--ledger', 'http://a']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('FILE_UNREADABLE')]);
  });
});

/** The files whose code a file's own reaches, itself included. */
function reachedFrom(path: string): ReadonlySet<string> {
  const files = readSources(fileURLToPath(new URL('../..', import.meta.url)), 'src');
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set([path]);
  for (const one of reached) {
    const file = byPath.get(one);
    for (const imported of file?.imports ?? []) {
      const target = file && targetOf(file, imported);
      if (target !== undefined && !imported.typeOnly) reached.add(target);
    }
  }
  return reached;
}

describe("who holds requesters' keys", () => {
  test.each([
    'src/cli/commands/command-node.ts',
    'src/cli/commands/command-gateway.ts',
    'src/cli/commands/command-subgraphs.ts',
    'src/cli/import/command-import.ts',
  ])('%s reaches no file of the pilot', (command) => {
    const reached = reachedFrom(command);
    expect([...reached].filter((path) => path.startsWith('src/cli/pilot/'))).toEqual([]);
    expect(reached.size).toBeGreaterThan(20);
  });

  test('the personas are read by the pilot and its commands alone', () => {
    const files = readSources(fileURLToPath(new URL('../..', import.meta.url)), 'src');
    const readers = files
      .filter((file) =>
        file.imports.some((one) => targetOf(file, one) === 'src/cli/pilot/personas.ts'),
      )
      .map(({ path }) => path);
    const others = readers.filter((path) => !path.startsWith('src/cli/pilot/'));
    expect(others).toEqual([]);
    expect(readers).toContain('src/cli/pilot/command-token.ts');
  });
});

const patient = {
  resource: { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1970-04-01' },
};
const weight = (id: string, more: object) => ({
  resource: {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2026-01-05',
    valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    ...more,
  },
});
const bundle = (...entry: object[]) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry });

describe('assent import', () => {
  const files = join(home, 'files');
  mkdirSync(files);
  writeFileSync(join(files, 'a-good.json'), bundle(patient, weight('o1', {})));
  writeFileSync(
    join(files, 'b-bad-entry.json'),
    bundle(weight('o2', {}), weight('o3', { status: 7 })),
  );
  writeFileSync(join(files, 'c-cut-off.json'), bundle(weight('o4', {})).slice(0, -40));
  writeFileSync(join(files, 'd-no-bundle.json'), '{"resourceType":"Bundle","type":3}');
  const run = (...more: readonly string[]) =>
    assentInProcess([
      '--state-folder',
      join(home, 'import'),
      'import',
      'fhir',
      files,
      '--institution',
      'riverside-hospital',
      ...more,
    ]);

  beforeAll(() => layPglite(join(home, 'import', 'database')));

  test('of a dry run says the same, and that nothing was stored', async () => {
    const { code, stdout } = await run('--dry-run');
    expect(stdout).toMatch(
      /4 files: taken 3, unchanged 0, refused 3\ndry run: nothing was stored\n$/,
    );
    expect(code).toBe(2);
  });

  test('says of each file what was taken and why not, and ends with 2', async () => {
    const { code, stdout, stderr } = await run();
    expect(stdout).toMatch(/a-good\.json: taken 2\n/);
    expect(stdout).toMatch(/b-bad-entry\.json: taken 1, refused 1\n {4}FHIR_INVALID at entry\[1\]/);
    expect(stdout).toMatch(
      /c-cut-off\.json: taken 0, refused 1\n {4}JSON_MALFORMED at the whole file/,
    );
    expect(stdout).toMatch(/d-no-bundle\.json: taken 0, refused 1\n {4}FHIR_INVALID/);
    expect(stdout).toMatch(/4 files: taken 3, unchanged 0, refused 3\n$/);
    expect([code, stderr]).toEqual([2, '']);
  });

  test('again, changes nothing', async () => {
    const { code, stdout } = await run();
    expect(stdout).toMatch(/4 files: taken 0, unchanged 3, refused 3\n$/);
    expect(code).toBe(2);
  });

  test.each([
    ['a path that is not there', ['fhir', join(home, 'nowhere')], 'FILE_UNREADABLE'],
    ['a standard that is none', ['pdf', files], 'BAD_INPUT'],
    ['a base of EPCIS', ['epcis', files, '--base', 'https://a.example/fhir'], 'BAD_INPUT'],
    ['long ids of trials', ['trials', files, '--long-ids', 'map'], 'BAD_INPUT'],
  ])('refuses %s', async (_, args, error) => {
    const folder = ['--state-folder', join(home, 'import')];
    const command = [...folder, 'import', ...args, '--institution', 'riverside-hospital'];
    const { code, stderr } = await assentInProcess(command);
    expect(stderr.trim()).toMatch(new RegExp(`^assent: ${error} [^\\n]*$`));
    expect(code).toBe(1);
  });
});
