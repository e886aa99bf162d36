import { request } from 'node:http';
import type { Resource } from '@medplum/fhirtypes';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PermitSet } from '../../../src/consent/gate/permit.js';
import { createNodeServer } from '../../../src/federation/node-server.js';
import { mountSubgraph } from '../../../src/federation/serve-subgraph.js';
import { UNPROVEN_STUDY } from '../../support/names.js';
import { portOf, SILENT } from '../../support/network/stand.js';
import {
  ANA,
  type Clinic,
  coded,
  condition,
  observation,
  openClinic,
  PARTICIPANTS,
  participantKeys,
  patient,
  permit,
  studyKey,
} from '../../support/records/clinic.js';

/** Every release is a committed row before the response leaves: against a database that refuses it. */
let clinic: Clinic;
const server = createNodeServer({ logger: SILENT, health: () => ({}) });

beforeAll(async () => {
  clinic = await openClinic('riverside-hospital');
  await clinic.take(
    patient('ana'),
    condition('ana-1', 'ana'),
    ...['2019', '2020', '2021', '2022', '2023'].map((year, i) =>
      observation(`ana-o${i}`, 'ana', { effectiveDateTime: `${year}-05-06T07:08:09Z` }),
    ),
    {
      resourceType: 'MedicationDispense',
      id: 'ana-m',
      status: 'completed',
      medicationCodeableConcept: coded('http://www.nlm.nih.gov/research/umls/rxnorm', '860975'),
      subject: { reference: 'Patient/ana' },
      whenHandedOver: '2024-05-06T07:08:09Z',
    } as Resource,
  );
  await clinic.link(ANA, 'ana');
  await mountSubgraph(server, {
    path: '/records',
    schema: clinic.schema,
    logger: SILENT,
    open: async () => PermitSet.mint([permit()], []),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await clinic.close();
});

const run = (statement: string) =>
  clinic.db.transaction(async (tx) => void (await tx.execute(statement)));

/** Makes the real database refuse the log, in a statement or at the commit. */
async function refuse(table: string, when: 'AT_ONCE' | 'AT_COMMIT'): Promise<void> {
  await run(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log is full'; END $$`);
  await run(
    when === 'AT_ONCE'
      ? `CREATE TRIGGER refused BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`
      : `CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON ${table}
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
}
afterEach(() => run('DROP FUNCTION IF EXISTS refuse() CASCADE'));

const FIELDS = {
  demographics: 'demographics { nodes { sex birthYear } }',
  conditions: 'conditions { nodes { id code { coding { code } } } }',
  observations: 'observations { nodes { id code { coding { code } } } }',
  dispenses: 'dispenses { nodes { id medication { coding { code } } } }',
};
const BY_LIST = (selected: string) => `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Study {
    participants { nodes { pseudonym ${selected} } } } } }`;
const BY_REFERENCE = (selected: string) => `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Participant { ${selected} } } }`;
const PATHS = [
  ['by list', BY_LIST, studyKey(UNPROVEN_STUDY)],
  ['by reference', BY_REFERENCE, participantKeys(ANA)],
] as const;

/** What would give a row away: its codes, its birth year, its sex. */
const CONTENT = /59621000|4548-4|860975|1960|female/i;

describe.each(Object.entries(FIELDS))('%s', (_field, selected) => {
  describe.each(PATHS)('%s', (_path, query, variables) => {
    test('are answered, and their content looked for below is in the answer', async () => {
      const { data, errors } = await clinic.ask([permit()], query(selected), variables);
      expect(errors).toBeUndefined();
      expect(JSON.stringify(data)).toMatch(CONTENT);
    });

    test.each([
      ['disclosure', 'AT_ONCE'],
      ['disclosure', 'AT_COMMIT'],
      ['evidence_entry', 'AT_ONCE'],
    ] as const)('stay here if %s refuses its row %s', async (table, when) => {
      const before = await clinic.disclosures();
      await refuse(table, when);
      const answer = await clinic.ask([permit()], query(selected), variables);
      expect(answer.errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(answer)).not.toMatch(CONTENT);
      expect(await clinic.disclosures()).toEqual(before);
    });
  });
});

describe('a client that hangs up as soon as it has asked', () => {
  test('has its row in the log all the same: what was released is not what arrived', async () => {
    const before = (await clinic.disclosures()).length;
    const body = JSON.stringify({
      query: BY_REFERENCE(FIELDS.conditions),
      variables: participantKeys(ANA),
    });
    const asking = request({
      host: '127.0.0.1',
      port: portOf(server.server),
      path: '/records',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    asking.on('error', () => undefined);
    await new Promise<void>((resolve) => asking.end(body, () => resolve()));
    asking.destroy();
    await expect
      .poll(async () => (await clinic.disclosures()).slice(before))
      .toEqual([{ pseudonym: ANA, data_class: 'CONDITION', count: 1 }]);
  });
});

describe('what is counted', () => {
  async function countsOf(selected: string, keys: readonly string[] = [ANA]) {
    const before = (await clinic.disclosures()).length;
    const { data, errors } = await clinic.ask(
      [permit()],
      BY_REFERENCE(selected),
      participantKeys(...keys),
    );
    expect(errors).toBeUndefined();
    const after = (await clinic.disclosures()).slice(before);
    return { entity: data?._entities[0], counts: after.map(({ count }) => count) };
  }

  test('is each page by itself, and all pages together are each row once', async () => {
    const counts: number[] = [];
    let after: string | null = null;
    for (;;) {
      const args: string = after === null ? 'first: 2' : `first: 2, after: "${after}"`;
      const page = await countsOf(
        `observations(${args}) { nodes { id } pageInfo { hasNextPage endCursor } }`,
      );
      expect(page.counts).toEqual([page.entity.observations.nodes.length]);
      counts.push(...page.counts);
      after = page.entity.observations.pageInfo.endCursor;
      if (!page.entity.observations.pageInfo.hasNextPage) break;
    }
    expect(counts).toEqual([2, 2, 1]);
  });

  test('is one release, where one question is repeated by alias or reference', async () => {
    const twice = 'a: observations { nodes { id } } b: observations { nodes { id } }';
    expect((await countsOf(twice)).counts).toEqual([5]);
    expect((await countsOf(twice, [ANA, ANA])).counts).toEqual([5]);
  });

  test('is each question by itself, where two aliases ask two', async () => {
    const two =
      'a: observations(first: 1) { nodes { id } } b: observations(first: 3) { nodes { id } }';
    expect((await countsOf(two)).counts.toSorted()).toEqual([1, 3]);
  });

  test('is nothing, where nothing left', async () => {
    const { counts } = await countsOf(
      'observations(where: { codes: [{ system: "http://loinc.org", code: "1-1" }] }) { nodes { id } }',
    );
    expect(counts).toEqual([]);
    const { data } = await clinic.ask([], PARTICIPANTS, studyKey(UNPROVEN_STUDY));
    expect(JSON.stringify(data)).not.toMatch(CONTENT);
  });
});
