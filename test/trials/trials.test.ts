import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GraphQLSchema, graphql, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../src/consent/gate/permit.js';
import { type InstitutionId, toInstitutionId } from '../../src/core/ids.js';
import type { Question } from '../../src/graph/ask.js';
import type { DatabaseServer } from '../../src/store/database.js';
import { countTrials, DatabaseTrials } from '../../src/trials/database.js';
import { importTrialPath, importTrials } from '../../src/trials/import.js';
import { NetworkTrials } from '../../src/trials/network.js';
import { generateTrials, seedTrialId } from '../../src/trials/seed.js';
import { trialsSubgraph } from '../../src/trials/subgraph.js';
import { openFreshPglite } from '../support/store/fresh-pglite.js';
import {
  askNodesOf,
  deadNode,
  lyingNode,
  type NodeUnderTest,
  schemaNode,
} from '../support/trials/ask-schemas.js';
import { v2Study } from '../support/trials/studies.js';

const NAMES = new Map<string, InstitutionId>([
  ['Northwind Trials', toInstitutionId('northwind-trials')],
  ['Riverside Hospital', toInstitutionId('riverside-hospital')],
  ['Lakeshore Hospital', toInstitutionId('lakeshore-hospital')],
]);
const SEED = {
  seed: 7,
  nowMs: Date.UTC(2026, 0, 1),
  sponsorName: 'Northwind Trials',
  sites: [
    { facility: 'Riverside Hospital', city: 'Springfield' },
    { facility: 'Lakeshore Hospital', city: 'Madison' },
  ],
};
const NOBODY = PermitSet.mint([], []);
const statements: string[] = [];
let server: DatabaseServer;
let northwind: NodeUnderTest;
let southwind: NodeUnderTest;
let nodeSchema: GraphQLSchema;

beforeAll(async () => {
  server = await openFreshPglite({ onStatement: (statement) => statements.push(statement) });
  const db = await server.open('northwind-trials');
  await importTrials(db, generateTrials(SEED), { file: 'seed', names: NAMES });
  nodeSchema = trialsSubgraph(new DatabaseTrials(db, toInstitutionId('northwind-trials')));
  northwind = schemaNode('northwind-trials', nodeSchema, NOBODY);

  const other = await server.open('southwind-trials');
  const studies = [v2Study('NCT90000003'), v2Study('NCT80000001'), v2Study('NCT95000001')];
  await importTrials(other, { studies }, { file: 'other', names: NAMES });
  const otherSchema = trialsSubgraph(
    new DatabaseTrials(other, toInstitutionId('southwind-trials')),
  );
  southwind = schemaNode('southwind-trials', otherSchema, NOBODY);
});

afterAll(() => server.close());

async function ask(schema: GraphQLSchema, source: string, opened: unknown = NOBODY) {
  const contextValue = { opened, requestId: 'test' };
  const result = await graphql({ schema, source, contextValue });
  return JSON.parse(JSON.stringify(result));
}

function networkOf(nodes: readonly NodeUnderTest[], asked?: Question<unknown>[]) {
  return trialsSubgraph(new NetworkTrials(askNodesOf(nodes, asked), () => true));
}

const idsOf = (page: { nodes: { id: string }[] }) => page.nodes.map(({ id }) => id);

describe('the import', () => {
  test('takes the good studies of a file, names the others, and again is no change', async () => {
    const db = await server.open('import-one');
    const json = { studies: [v2Study('NCT90000001'), v2Study('NCT1'), v2Study('NCT90000001')] };
    const first = await importTrials(db, json, { file: 'a.json', names: NAMES });
    expect(first).toMatchObject({ taken: 1, unchanged: 1 });
    expect(first.refused.map(({ code, path }) => [code, path])).toEqual([
      ['TRIAL_INVALID', 'studies[1].protocolSection.identificationModule.nctId'],
    ]);
    const again = await importTrials(db, json, { file: 'a.json', names: NAMES });
    expect(again).toMatchObject({ taken: 0, unchanged: 2 });
    expect(await countTrials(db)).toBe(1);
  });

  test('a newer version of a record replaces it, its sites too', async () => {
    const db = await server.open('import-two');
    const places = (...facilities: string[]) => ({
      contactsLocationsModule: { locations: facilities.map((facility) => ({ facility })) },
    });
    const take = (study: object) => importTrials(db, study, { file: 'a', names: NAMES });
    await take(v2Study('NCT90000001', places('A', 'B', 'C')));
    expect(await take(v2Study('NCT90000001', places('D')))).toMatchObject({ taken: 1 });
    const source = new DatabaseTrials(db, toInstitutionId('import-two'));
    const [kept] = await source.byIds(NOBODY, [v2Id('NCT90000001')], { evidence: false });
    expect(kept?.sites.map(({ facility }) => facility)).toEqual(['D']);
  });

  test('a part or an older version of a record takes nothing from it', async () => {
    const db = await server.open('import-part');
    const whole = (sex: string, date: string) => {
      const lastUpdatePostDateStruct = { date };
      return v2Study('NCT90000001', {
        statusModule: { overallStatus: 'RECRUITING', lastUpdatePostDateStruct },
        eligibilityModule: { eligibilityCriteria: 'Adults', sex },
        contactsLocationsModule: { locations: [{ facility: 'A' }] },
      });
    };
    const take = (study: object) => importTrials(db, study, { file: 'a', names: NAMES });
    expect(await take(whole('ALL', '2024-02-01'))).toMatchObject({ taken: 1 });
    expect(await take(whole('ALL', '2024-03-01'))).toMatchObject({ taken: 0, unchanged: 1 });
    expect(await take(whole('FEMALE', '2024-02-15'))).toMatchObject({ taken: 0, unchanged: 1 });
    const part = await take(v2Study('NCT90000001'));
    expect(part).toMatchObject({ taken: 0, unchanged: 0, refused: [{ code: 'TRIAL_PARTIAL' }] });
    expect(part.refused[0]?.detail).toContain('eligibilityCriteria, sex, locations');
    const source = new DatabaseTrials(db, toInstitutionId('import-part'));
    const read = async () =>
      (await source.byIds(NOBODY, [v2Id('NCT90000001')], { evidence: false }))[0];
    expect(await read()).toMatchObject({ eligibility: { sex: 'ALL' }, sites: [{ facility: 'A' }] });
    expect(await take(whole('FEMALE', '2024-03-02'))).toMatchObject({ taken: 1, refused: [] });
    expect(await read()).toMatchObject({ eligibility: { sex: 'FEMALE' } });
  });

  test('a newer part gives the stored record its status, and is refused', async () => {
    const db = await server.open('import-ended');
    const study = (overallStatus: string, date: string, facilities: readonly string[]) =>
      v2Study('NCT90000001', {
        statusModule: { overallStatus, lastUpdatePostDateStruct: { date } },
        contactsLocationsModule: { locations: facilities.map((facility) => ({ facility })) },
      });
    const take = (one: object) => importTrials(db, one, { file: 'a', names: NAMES });
    await take(study('RECRUITING', '2024-01-01', ['A']));
    const { taken, refused } = await take(study('TERMINATED', '2024-02-01', []));
    expect([taken, refused.length]).toEqual([0, 1]);
    expect(refused[0]?.detail).toMatch(
      /lacks .*: locations; only its status was taken: TERMINATED/,
    );
    const source = new DatabaseTrials(db, toInstitutionId('import-ended'));
    const read = async () =>
      (await source.byIds(NOBODY, [v2Id('NCT90000001')], { evidence: false }))[0];
    expect(await read()).toMatchObject({ status: 'TERMINATED', sites: [{ facility: 'A' }] });
    expect(await take(study('COMPLETED', '2024-02-01', ['B']))).toMatchObject({ taken: 1 });
    expect(await read()).toMatchObject({ status: 'COMPLETED', sites: [{ facility: 'B' }] });
  });

  test.each([
    ['the older first', ['2024-01-01', '2024-02-01'], { taken: 2, unchanged: 0 }],
    ['the newer first', ['2024-02-01', '2024-01-01'], { taken: 1, unchanged: 1 }],
  ])('of two versions in one file the newer stays: %s', async (name, dates, ends) => {
    const db = await server.open(`import-both-${name.replace('the ', '').replace(' ', '-')}`);
    const studies = dates.map((date) =>
      v2Study('NCT90000001', {
        statusModule: { overallStatus: 'RECRUITING', lastUpdatePostDateStruct: { date } },
        descriptionModule: { briefSummary: `As of ${date}` },
      }),
    );
    const report = await importTrials(db, { studies }, { file: 'a', names: NAMES });
    expect(report).toMatchObject({ ...ends, refused: [] });
    const source = new DatabaseTrials(db, toInstitutionId('import-both'));
    const [kept] = await source.byIds(NOBODY, [v2Id('NCT90000001')], { evidence: false });
    expect(kept?.summary).toBe('As of 2024-02-01');
  });

  test('where no ledger is asked, a stored record keeps its institutions', async () => {
    const db = await server.open('import-unnamed');
    const record = (briefSummary: string, ...facilities: string[]) =>
      v2Study('NCT90000001', {
        descriptionModule: { briefSummary },
        contactsLocationsModule: { locations: facilities.map((facility) => ({ facility })) },
      });
    await importTrials(db, record('old', 'Riverside Hospital'), { file: 'a', names: NAMES });
    const unnamed = { file: 'a', names: undefined };
    const same = await importTrials(db, record('old', 'Riverside Hospital'), unnamed);
    expect(same).toMatchObject({ taken: 0, unchanged: 1 });
    await importTrials(db, record('new', 'Lakeshore Hospital', 'Riverside Hospital'), unnamed);
    const source = new DatabaseTrials(db, toInstitutionId('import-unnamed'));
    const [kept] = await source.byIds(NOBODY, [v2Id('NCT90000001')], { evidence: false });
    expect(kept).toMatchObject({
      summary: 'new',
      sponsor: 'northwind-trials',
      sites: [{ institution: null }, { institution: 'riverside-hospital' }],
    });
  });

  test('an unreadable file is refused whole, and the others of the folder are taken', async () => {
    const db = await server.open('import-three');
    const folder = await mkdtemp(join(tmpdir(), 'trials-'));
    await writeFile(join(folder, 'a.json'), '{"protocolSection":');
    await writeFile(join(folder, 'b.json'), '{"resourceType":"Bundle"}');
    await writeFile(join(folder, 'c.json'), JSON.stringify(v2Study('NCT90000001')));
    const reports = await importTrialPath(db, folder, NAMES);
    expect(reports.map(({ file, taken, refused }) => [file, taken, refused[0]?.code])).toEqual([
      ['a.json', 0, 'JSON_MALFORMED'],
      ['b.json', 0, 'TRIAL_INVALID'],
      ['c.json', 1, undefined],
    ]);
    await rm(folder, { recursive: true });
  });

  test('a missing path is refused', async () => {
    const db = await server.open('import-three');
    const missing = join(tmpdir(), 'no-such-folder-of-trials');
    await expect(importTrialPath(db, missing, NAMES)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });
});

describe('the generated trials', () => {
  test('are the same bytes for the same seed, and others for another', () => {
    const bytes = JSON.stringify(generateTrials(SEED));
    expect(JSON.stringify(generateTrials(SEED))).toBe(bytes);
    expect(JSON.stringify(generateTrials({ ...SEED, seed: 8 }))).not.toBe(bytes);
  });

  test('are a dozen, all taken, recruiting at both hospitals and at one stranger', async () => {
    const { data } = await ask(
      nodeSchema,
      '{ trials { nodes { id sites { institution { id } } } } }',
    );
    expect(data.trials.nodes).toHaveLength(12);
    expect(data.trials.nodes[0]).toEqual({
      id: seedTrialId(1),
      sites: [
        { institution: { id: 'riverside-hospital' } },
        { institution: { id: 'lakeshore-hospital' } },
        { institution: null },
      ],
    });
  });
});

describe('a node', () => {
  test.each([
    ['condition: "DIABETES"', 2],
    ['condition: "hba1c"', 1],
    ['condition: "%"', 0],
    ['condition: "_"', 0],
    ['condition: "hypertension", status: [COMPLETED]', 0],
    ['condition: "hypertension", phase: [PHASE4]', 1],
    ['phase: [PHASE1, EARLY_PHASE1]', 2],
    ['status: [RECRUITING]', 7],
    ['status: []', 0],
    ['phase: []', 0],
  ])('finds by %s', async (where, count) => {
    const { data } = await ask(nodeSchema, `{ trials(where: { ${where} }) { nodes { id } } }`);
    expect(data.trials.nodes).toHaveLength(count);
  });

  test('asks as many statements for twelve trials as for one', async () => {
    const countFor = async (first: number) => {
      statements.length = 0;
      const fields = 'id conditions sites { facility } study { registryId } custodian { id }';
      await ask(nodeSchema, `{ trials(first: ${first}) { nodes { ${fields} } } }`);
      return statements.length;
    };
    expect(await countFor(12)).toBe(await countFor(1));
  });

  test('joins the look-ups of one request, known, unknown and impossible ids', async () => {
    statements.length = 0;
    const entities = ['NCT90000001', 'NCT99999999', "'; DROP TABLE trial", 'NCT90000002']
      .map((id) => `{ __typename: "Trial", id: "${id}" }`)
      .join(' ');
    const { data } = await ask(
      nodeSchema,
      `{ a: trial(id: "NCT90000004") { id } b: trial(id: "NCT99999999") { id }
         _entities(representations: [${entities}]) { ... on Trial { id study { registryId } } } }`,
    );
    expect(data.a.id).toBe('NCT90000004');
    expect(data.b).toBeNull();
    expect(data._entities.map((entity: { id: string } | null) => entity?.id)).toEqual([
      'NCT90000001',
      undefined,
      undefined,
      'NCT90000002',
    ]);
    expect(statements.filter((statement) => statement.includes('"record"'))).toHaveLength(1);
  });

  test.each([
    ['trials(first: 0) { nodes { id } }', 'BAD_INPUT'],
    ['trials(first: 100000) { nodes { id } }', 'BAD_INPUT'],
    ['trials(after: "nonsense") { nodes { id } }', 'BAD_INPUT'],
    ['trials(where: { condition: "a\\u0000" }) { nodes { id } }', 'BAD_INPUT'],
    ['trial(id: "../etc") { id }', 'ID_MALFORMED'],
  ])('refuses %s', async (field, code) => {
    const contextValue = { opened: NOBODY, requestId: 'test' };
    const { errors } = await graphql({ schema: nodeSchema, source: `{ ${field} }`, contextValue });
    expect(errors?.[0]?.originalError).toMatchObject({ code });
  });
});

describe('the network', () => {
  test('answers the schema that a node answers', () => {
    expect(printSchema(networkOf([northwind]))).toBe(printSchema(nodeSchema));
  });

  test('pages through two nodes in one order, a trial of both once, none skipped', async () => {
    const schema = networkOf([southwind, northwind]);
    const seen: string[] = [];
    let after = 'null';
    for (let page = 0; page < 10; page += 1) {
      const { data } = await ask(
        schema,
        `{ trials(first: 4, after: ${after}) {
             nodes { id } complete pageInfo { hasNextPage endCursor } } }`,
      );
      expect(data.trials.complete).toBe(true);
      seen.push(...idsOf(data.trials));
      after = JSON.stringify(data.trials.pageInfo.endCursor);
      if (!data.trials.pageInfo.hasNextPage) break;
    }
    expect(seen).toHaveLength(14);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  test('the cursor of each trial continues right behind it, at both nodes', async () => {
    const schema = networkOf([southwind, northwind]);
    const edgesAfter = async (after: string) =>
      (await ask(schema, `{ trials(after: ${after}) { edges { cursor node { id } } } }`)).data
        .trials.edges as readonly { readonly cursor: string }[];
    const all = await edgesAfter('null');
    expect(all).toHaveLength(14);
    for (const [place, { cursor }] of all.entries()) {
      expect(await edgesAfter(JSON.stringify(cursor))).toEqual(all.slice(place + 1));
    }
  });

  test('a trial keeps its custodian, also one that two nodes have', async () => {
    const { data } = await ask(
      networkOf([southwind, northwind]),
      '{ a: trial(id: "NCT95000001") { custodian { id } } b: trial(id: "NCT90000003") { custodian { id } } }',
    );
    expect(data.a.custodian.id).toBe('southwind-trials');
    expect(data.b.custodian.id).toBe('northwind-trials');
  });

  test('a dead node costs its own rows, and the answer says so', async () => {
    const { data } = await ask(
      networkOf([deadNode('southwind-trials'), northwind]),
      '{ trials { nodes { id } complete sources { institution { id } status } } }',
    );
    expect(data.trials.nodes).toHaveLength(12);
    expect(data.trials.complete).toBe(false);
    expect(data.trials.sources).toEqual([
      { institution: { id: 'northwind-trials' }, status: 'OK' },
      { institution: { id: 'southwind-trials' }, status: 'UNAVAILABLE' },
    ]);
  });

  test('asks every node the same document whatever the client selects', async () => {
    const asked: Question<unknown>[] = [];
    const schema = networkOf([northwind], asked);
    await ask(schema, '{ trials { nodes { id } } }');
    await ask(schema, '{ trials { nodes { title sites { city } } } }');
    expect(asked[0]?.document).toBe(asked[1]?.document);
    expect(asked[0]?.of).toEqual({ roles: ['SPONSOR'] });
  });

  test.each([
    ['is no row', () => ({ id: 'NCT90000001' })],
    [
      "names another's custody",
      (row: object) => ({ ...row, custodian: { id: 'corner-pharmacy' } }),
    ],
    ['carries what was not asked', (row: object) => ({ ...row, note: 'hello' })],
    ['has an unknown status', (row: object) => ({ ...row, status: 'OPEN' })],
    ['is out of order', (row: object) => ({ ...row, id: 'NCT00000001' })],
  ])('a row that %s makes its source malformed and costs no other', async (_, spoil) => {
    const real = (await northwind.answer({
      ...(await documentOfList()),
      variables: { first: 2, where: {}, after: null },
    })) as { data: { trials: { nodes: object[]; pageInfo: object } } };
    const { nodes, pageInfo } = real.data.trials;
    const own = nodes.map((row) => ({ ...row, custodian: { id: 'evil-trials' } }));
    const spoiled = [own[0], spoil(own[1] ?? {})];
    const liar = lyingNode('evil-trials', { trials: { nodes: spoiled, pageInfo } });
    const { data } = await ask(
      networkOf([liar, southwind]),
      '{ trials { nodes { id } sources { status } } }',
    );
    expect(data.trials.sources).toEqual([{ status: 'UNAVAILABLE' }, { status: 'OK' }]);
    expect(data.trials.nodes).toHaveLength(3);
  });
});

async function documentOfList(): Promise<Question<unknown>> {
  const asked: Question<unknown>[] = [];
  await ask(networkOf([], asked), '{ trials { nodes { id } } }');
  const question = asked[0];
  if (question === undefined) throw new Error('nothing was asked');
  return question;
}

function v2Id(text: string) {
  return text as Parameters<DatabaseTrials['byIds']>[1][number];
}
